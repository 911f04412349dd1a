"""Evidence that is fetched: the collector's script run over a connection that was verified."""
