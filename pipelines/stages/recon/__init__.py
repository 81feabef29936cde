"""Reconciliation of a warehouse: gather facts, let `models.recon` judge them, store the findings.

`reconcile` is the way in; `matching` sets CDRs against one another, `gathering` reads the facts,
`repricing` looks for root causes, `changes` finds what a later run must look at again.
"""
