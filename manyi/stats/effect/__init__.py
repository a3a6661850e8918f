"""Did a change help: waves, control groups, interrupted series, trends, and how many to ask."""
