"""Settlement against the warehouse: statements, closes and what exports read from them."""
