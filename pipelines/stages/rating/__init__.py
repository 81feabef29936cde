"""Rating in the warehouse: CDRs out of `core`, expected prices into `rating`."""
