"""Rating in the warehouse: CDRs out of `core`, expected prices into `rating`."""

from pipelines.stages.rating.warehouse import RatingResult, rate_warehouse

__all__ = ["RatingResult", "rate_warehouse"]
