"""What one capture holds by our events and by the peers' records, made comparable."""
