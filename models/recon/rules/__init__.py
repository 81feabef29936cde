"""The rules, a module for each group of `docs/reconciliation.md`."""
