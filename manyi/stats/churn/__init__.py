"""Who stays and who leaves: survival, hazards, competing reasons, and forecasts of churn."""
