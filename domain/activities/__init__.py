"""Activities (活動): one module per kind of support that enters the ledger."""
