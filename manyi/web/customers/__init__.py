"""Customers: found, looked at with all their voices, corrected, forgotten on their wish."""
