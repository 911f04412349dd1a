"""Databases, asked over their own protocol with questions that only read."""
