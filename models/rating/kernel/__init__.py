"""The per-CDR logic, written once over integer tables.

Everything here is plain Python on whole numbers: compiled by numba it prices millions of
CDRs a second, uncompiled it runs under a debugger, and on Python's unbounded integers.
A table is a two-dimensional integer array, its columns are named in `tables`.
Only what numba can compile belongs here: no strings, no objects, no exceptions.
"""
