"""The `roamhouse` command: one file for each subcommand, thin over what does the work."""
