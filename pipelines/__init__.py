"""The half of roamhouse that touches the world: partners, disk, DuckDB, Dagster, terminal."""
