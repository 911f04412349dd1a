"""Foreign alerts into incidents, by how surprising each is where it was seen."""
