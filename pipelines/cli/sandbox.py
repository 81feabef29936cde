"""`roamhouse sandbox`, under the name by which the command finds it."""

from pipelines.sandbox.command import sandbox

__all__ = ["sandbox"]
