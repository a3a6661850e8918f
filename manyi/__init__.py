"""Manyi 满意: measure, explain, improve and prove customer satisfaction."""

__version__ = "0.1.0"
