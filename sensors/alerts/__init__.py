"""Alerts that other tools have raised: files of them, read as one form."""
