"""Rebuilding the warehouse from the landing alone."""
