"""Correlations: Sigma rules about several events, over sliding windows of event time."""
