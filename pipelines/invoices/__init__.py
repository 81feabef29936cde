"""Partners' invoices: reading their files, keeping them as received, taking them in.

Knows no warehouse and no Dagster: what an invoice is matched with is settlement's.
"""
