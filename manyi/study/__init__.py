"""A file of scores and comments becomes one self-contained report."""
