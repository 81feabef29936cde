"""Decisions of people: an append-only store of events that recomputing never touches.

Knows no Dagster and no warehouse: dashboards and commands open it on their own.
"""
