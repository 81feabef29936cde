"""A whole run: all partners fetched at once, each loaded as it arrives, then everything after."""
