"""Satisfaction indices from latent variables: PLS path models of the ACSI family."""
