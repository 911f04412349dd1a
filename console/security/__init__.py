"""Passwords, tokens, accounts: what keeps the console's door."""
