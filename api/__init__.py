"""The HTTP surface of kikan. No rule and no query lives here."""
