"""Foreign logs: events that keep their own field names, for a hunt; nothing of them is stored."""
