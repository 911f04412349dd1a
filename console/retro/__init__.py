"""Retro-hunts: rules, indicators and queries over what is stored already."""
