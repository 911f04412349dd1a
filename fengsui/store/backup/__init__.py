"""Backups of both stores and the settings, and their way back."""
