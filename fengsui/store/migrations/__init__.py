"""Migrations of the state's schema, one file a version, forward and back."""
