"""What `roamhouse doctor` looks at: each check is one line that says what is and what to do.

Looks and changes nothing: no directory is made, no key, no table.
"""
