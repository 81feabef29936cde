"""The pure half of roamhouse: what the data means.

Canonical tables, wire adapters, rating, rules, settlement and SQL text live here.
Nothing in this package does I/O, knows Dagster or reads a clock; `pipelines` and
`dashboards` import it, it imports neither.
"""
