"""From the wire to canonical rows: OCPI 2.1.1, 2.2, 2.2.1 and 2.3.0.

`decode.decode_pages` takes raw JSON objects as a partner sent them and gives frames in the
columns of `models.tables`, with every repair recorded and every bad object quarantined.
`lenient.tariffs.canonical_tariff` does the same for a single one.
"""
