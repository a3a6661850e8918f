"""Samples and weights: designs, raking, calibration, trimming, non-response, outcome rates."""
