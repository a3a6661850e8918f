"""Arithmetic checked against another hand's numbers."""
