"""Watching numbers over time with a known rate of false alarms."""
