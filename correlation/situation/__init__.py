"""The situation as arithmetic: gauges, levels, forecasts, fair rates, warnings. No store, no clock."""
