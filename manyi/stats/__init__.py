"""Satisfaction statistics: moments in, estimates out. Pure numpy and scipy.

Nothing here reads a file, a clock, a database or a global random state. Every figure that
leaves is an `Estimate`: value, interval, n, effective n and method. What needs rows
instead of moments says so in its name.
"""
