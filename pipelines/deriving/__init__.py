"""Everything that is derived from core: prices, findings, statements."""
