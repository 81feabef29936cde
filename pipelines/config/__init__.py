"""Configuration: the partners file, the home directory, tokens and pseudonyms.

Reads files and an environment that is handed in; knows nothing of HTTP, Dagster or DuckDB.
"""
