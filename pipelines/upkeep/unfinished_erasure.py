"""An erasure under way, remembered in the home until it is proved: no kill may leave half of one.

Pages are rewritten one by one, and what stands beside an identifier is found in pages only. Once
they are rewritten, this file alone knows what the tables have still to lose, and under which names
the person's charges go on belonging together.
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

from pipelines.config.home import Home, write_private

FILE: Final = "erasing.json"
RECORD: Final = "erasures.json"


@dataclass(frozen=True)
class UnfinishedErasure:
    """People who are being erased."""

    aliases: dict[str, str]  # identifier, in capitals → the name that leads to nobody
    records: list[dict[str, str]]  # of each erasure: when, by whom, why


def read_unfinished(home: Home) -> UnfinishedErasure:
    """Return what was begun and not ended; empty: nothing was."""
    path = home.path / FILE
    if not path.exists():
        return UnfinishedErasure({}, [])
    return UnfinishedErasure(**json.loads(path.read_text(encoding="utf-8")))


def begin_erasure(
    home: Home, identifiers: Iterable[str], record: dict[str, str]
) -> UnfinishedErasure:
    """Remember an erasure before anything is changed; one that was broken off goes on."""
    before = read_unfinished(home)
    new = {one: f"ERASED-{secrets.token_hex(8).upper()}" for one in identifiers}
    records = before.records if new.keys() <= before.aliases.keys() else [*before.records, record]
    begun = UnfinishedErasure({**new, **before.aliases}, records)
    write_private(home.path / FILE, json.dumps(asdict(begun)).encode())
    return begun


def end_erasure(home: Home, erasure: UnfinishedErasure) -> None:
    """Add to what is remembered of erasures: when, by whom, why; and forget of whom."""
    path = home.path / RECORD
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    new = [record for record in erasure.records if record not in before]
    write_private(path, json.dumps([*before, *new], indent=1).encode())
    (home.path / FILE).unlink(missing_ok=True)
