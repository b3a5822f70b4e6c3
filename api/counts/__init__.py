"""Counts over HTTP: the metrics and their numbers."""
