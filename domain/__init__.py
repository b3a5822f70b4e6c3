"""The domain of base consultation centres (基幹相談支援センター): tables, rules, queries. Knows nothing of HTTP."""
