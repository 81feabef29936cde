"""Problems of a configuration, each with its place and its remedy."""

from collections.abc import Iterable
from dataclasses import dataclass

from models.errors import Unusable


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong."""

    where: str  # what it is about: a file's name, an environment variable or a partner
    message: str  # what is expected, what was found, what to do; never a secret
    line: int | None = None  # line in the file, 1 for the first; None where it is not about a line
    path: str = ""  # key path in the file, as `partners[0].contract.billing`; empty: the whole file

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        return ": ".join(part for part in (place, self.path, self.message) if part)


class ConfigError(Unusable):
    """The configuration cannot be used; lists every problem that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
