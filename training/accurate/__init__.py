"""Trains the accurate tier: one small encoder with many heads, on a CPU or an accelerator."""
