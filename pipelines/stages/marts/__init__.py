"""Filling `mart.*`, so that no page of the dashboards has to add anything up."""
