"""The errors that a person is told of in one line: what happened, and what to do about it."""


class Refused(Exception):
    """A refusal of what cannot be done as things stand: a command ends with exit code 1."""


class Unusable(Exception):
    """Something is not there, or was asked or configured wrongly: exit code 2, nothing was done."""


class NothingThere(Unusable):
    """The thing asked for is not there; the message says what there is."""
