"""Reconciles a warehouse: gathers facts, lets `models.recon` judge them, stores what it text.

`reconcile` is the way in; `matching` sets CDRs against one another, `gathering` reads the facts,
`repricing` looks for root causes, `changes` finds what a later run must look at again.
"""
