"""From the landing into core: bodies are split, decoded, staged and merged, pull by pull."""
