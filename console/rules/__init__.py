"""The life of rules: what is loaded, edited, tried on stored events, and installed."""
