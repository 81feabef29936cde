"""From partners into core: what to pull, fetching it into the landing, loading what landed.

What fetches knows the client, the feeds and the landing, and neither DuckDB nor Dagster; what loads
splits landed bodies, decodes them and hands them to the warehouse, pull by pull.
"""
