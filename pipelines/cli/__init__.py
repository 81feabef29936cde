"""The commands of `roamhouse`, one module each: options in, exit code out."""
