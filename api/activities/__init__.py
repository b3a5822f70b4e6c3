"""Activities over HTTP: one module per kind of support that enters the ledger."""
