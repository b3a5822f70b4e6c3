"""Plans over HTTP: programmes, yearly plans, their items and progress, and the reading of frequencies."""
