"""Exports: statements, invoices and letters as files.

Bytes in, bytes out: a document goes in, a file's content comes out; the same document gives the
same bytes. Knows no Dagster and no warehouse.
"""
