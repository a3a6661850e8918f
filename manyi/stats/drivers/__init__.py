"""What moves satisfaction: regression, shares of explained variance, priorities."""
