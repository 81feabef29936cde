"""The `roamhouse` command: a file for commands of one kind, thin over what does the work."""
