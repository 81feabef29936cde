"""Whole pages of clean CDRs and sessions at once: typed structs, then columns.

Driven by the same maps as the lenient readers. Whatever is not exactly as the spec says, in type
or in spelling, is left to them; for what is, both give identical rows.
"""
