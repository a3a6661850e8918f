"""Ready questionnaires and packs for each industry."""
