"""Filed systems: the desk of a compliance officer, runs of checks, papers."""
