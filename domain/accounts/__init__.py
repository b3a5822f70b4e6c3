"""Accounts (利用者・機械クライアント): who signs in, as what, where; reached through the credentials door."""
