"""History made from observations: what was valid when, judged from what a partner showed us."""
