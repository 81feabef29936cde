"""Telling people what needs them: causes found in the snapshot, remembered, sent once, taken back.

Nothing here decides what is wrong: the tables say that, and the clock.
"""
