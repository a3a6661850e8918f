"""The pages of surveys: make one from a template, set it, look at it, share it."""
