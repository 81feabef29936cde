"""The lenient decoders: one object at a time, of any version, repaired where that is safe."""
