"""The `mart.*` tables, filled so that no view of the dashboards has to add anything up."""
