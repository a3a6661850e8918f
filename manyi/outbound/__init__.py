"""The only HTTP client: to addresses that the operator has set, and nowhere else."""
