"""Windows hosts: the collector, its bundle, and what the bundle shows."""
