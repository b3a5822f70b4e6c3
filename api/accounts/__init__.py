"""Accounts over HTTP: signing in, one's own account, users, machine clients, invitations."""
