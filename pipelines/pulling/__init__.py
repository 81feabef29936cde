"""Pulling: deciding what to ask a partner for, asking, and landing what comes.

Knows the client, the feeds and the landing; knows neither DuckDB nor Dagster.
"""
