"""From partners into core: planning pulls, fetching them into the landing, loading them.

The fetching modules know the client, the feeds and the landing, and neither DuckDB nor Dagster;
the loading ones split landed bodies, decode them and hand them to the warehouse, pull by pull.
"""
