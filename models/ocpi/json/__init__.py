"""JSON text as partners send it: tokens, streams, repairs, and one canonical spelling."""
