"""What hosts say: one file a protocol, functions from values to bytes."""
