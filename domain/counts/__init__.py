"""Counts (集計): the metrics over the ledger and the explanation of every number."""
