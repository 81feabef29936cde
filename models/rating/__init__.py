"""Rating: what a charge should have cost by its tariff, exact and explained.

Frames or single objects in, price lines and totals out; `docs/rating.md` walks through the
rules. Loading and storing are `pipelines.stages.rating`'s.
"""
