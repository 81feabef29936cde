"""Reconciliation: what was claimed against what should have been, CDR by CDR.

`rules` holds one unit for each check, `registry` lists them, `evaluate` applies them to frames of
facts, `causes` explains price differences, `verdicts` turns findings into what is payable.
"""
