"""Keeping a home for years: backup and restore, retention, and taking a person out of it.

Works on whole homes, from the outside; what a run does with one belongs to `orchestration`.
"""
