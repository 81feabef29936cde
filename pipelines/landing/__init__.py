"""The landing: every response body as received, immutable, describing itself."""
