"""Single values of OCPI objects: numbers, timestamps, texts, codes, coordinates, enumerations."""
