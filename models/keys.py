"""The keys of a file that people write: nothing but these, each with what it means."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Keys(BaseModel):
    """A mapping of a file, frozen once it is read; a key that is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def key(default: Any, description: str) -> Any:
    """Return a key that may be left out: what holds then, and its line in the documentation."""
    return Field(default=default, description=description)
