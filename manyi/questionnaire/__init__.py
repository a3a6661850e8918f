"""A survey as a pure value: its definition, its paths, its answers. No Django, no clock."""
