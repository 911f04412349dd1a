"""The situation of an installation: gathered from the stores for the gauges, and kept by the worker."""
