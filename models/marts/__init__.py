"""Pure parts of what `mart.*` holds: opening hours, standard baskets, tariffs in words."""
