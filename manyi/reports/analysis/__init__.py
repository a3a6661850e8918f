"""Analyses of a survey that an analyst chooses: each with its interval, its n, its limits."""
