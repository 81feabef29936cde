"""The pipeline as Dagster sees it: assets, checks, schedules; the work is done elsewhere."""
