"""Checks of `roamhouse doctor`: each is one line that says what is and what to do.

Looks and changes nothing: no directory is made, no key, no table.
"""
