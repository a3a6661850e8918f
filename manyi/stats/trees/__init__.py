"""Boosted trees with weights, blanks and customers, and what each variable adds to a forecast."""
