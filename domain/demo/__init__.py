"""The demo: what the published documents say, and a plausible year of activities marked as generated."""
