"""Explain: the right analysis of two variables, and one sentence of what it found."""

from manyi.stats.explain.choice import explain
from manyi.stats.explain.shapes import Contrast, Explained, Group, Variable

__all__ = ["Contrast", "Explained", "Group", "Variable", "explain"]
