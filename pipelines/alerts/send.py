"""Sending: one message for one cause, one for many, one when it is over; tried until it arrives."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from models.counts import count_label
from pipelines.alerts.causes import KINDS, Cause, find_causes
from pipelines.alerts.memory import FILE, Changes, OpenCause, changes, compare, load, save
from pipelines.alerts.metrics import write_metrics
from pipelines.config.errors import ConfigError, Problem
from pipelines.config.home import Home
from pipelines.config.home_settings import AlertSettings, load_settings
from pipelines.config.partners import Partners
from pipelines.warehouse.snapshot import open_current

if TYPE_CHECKING:
    from apprise import Apprise

_AT_ONCE: Final = 4  # so many causes come in messages of their own; more are one message
_LONGEST: Final = 500
_HARMLESS: Final = str.maketrans("<>@", "\u2039\u203a\uff20")
"""Partners' words may be in a detail: nothing of them is a tag, a link or calls a whole channel."""

Send = Callable[[str, str], bool]  # sends a title and a text; false: it did not get there
_Message = tuple[str, str, Sequence[OpenCause]]
"""A title, a text, and the causes that it is about."""


@dataclass(frozen=True)
class Report:
    """Causes found and told."""

    causes: tuple[Cause, ...]  # everything that needs a person now
    told: tuple[str, ...]  # titles of the messages that went out
    failed: bool  # whether any did not get there; they are tried again next time


def send_alerts(
    home: Home,
    partners: Partners,
    environ: Mapping[str, str],
    now: datetime,
    *,
    send: Send | None = None,
    only_say: bool = False,
) -> Report:
    """Tell people what began to need them since the last time, and what is over.

    Args:
        home: the home directory.
        partners: who is visited.
        environ: the environment, which holds the addresses.
        now: the clock, UTC.
        send: how; None: to the addresses of the settings.
        only_say: tell nobody, and remember nothing.

    Raises:
        ConfigError: settings cannot be used, or a variable that they name is not set.
    """
    everything = load_settings(home)
    settings = everything.alerts
    deliver = None if only_say else send or sender(settings, environ)
    con = open_current(home.serving)
    if con is None:
        return Report((), (), failed=False)
    with con:
        causes = find_causes(
            con, partners, now=now, money_above=settings.money_above, home=home.path
        )
        if everything.metrics.file is not None and not only_say:
            write_metrics(everything.metrics.file, con, home, causes)
    loud = [cause for cause in causes if cause.kind not in settings.quiet]
    path = home.path / FILE
    memory = compare(load(path), loud, now)
    if deliver is None:
        return Report(tuple(causes), (), failed=False)
    told: list[str] = []
    failed = False
    for title, text, about in _messages(changes(memory, _due(settings, now)), settings):
        if not deliver(title, text):
            failed = True
            continue
        told.append(title)
        for one in about:
            if one.ended:
                del memory[one.cause.key]
            else:
                memory[one.cause.key] = replace(one, sent=True)
    save(path, memory)
    return Report(tuple(causes), tuple(told), failed)


def _due(settings: AlertSettings, now: datetime) -> Callable[[Cause, datetime], bool]:
    """Return whether the word goes out now; but for urgent kinds a digest has its time of day."""

    def is_due(cause: Cause, changed_at: datetime) -> bool:
        at = settings.digest_at
        if at is None or cause.kind in settings.urgent:
            return True
        digest = datetime.combine(changed_at, at, changed_at.tzinfo)
        return now >= (digest if digest > changed_at else digest + timedelta(days=1))

    return is_due


def sender(settings: AlertSettings, environ: Mapping[str, str]) -> Send | None:
    """Return how to reach the people that the settings name; None: nobody is named.

    Raises:
        ConfigError: a variable is not set, or holds no address that can be sent to.
    """
    if not settings.to_env:
        return None
    people = people_of("alerts.to_env", settings.to_env, environ)
    # Said to be plain text: else mail reads it as HTML.
    return lambda title, text: bool(people.notify(title=title, body=text, body_format="text"))


def people_of(key: str, variables: Iterable[str], environ: Mapping[str, str]) -> Apprise:
    """Return the people whose addresses variables hold.

    `key`: of the settings, that names the variables.

    Raises:
        ConfigError: a variable is not set, or holds no address that can be sent to.
    """
    # Loaded here: it knows a hundred services, and most commands need none of them.
    from apprise import Apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it quotes addresses, secrets included
    people = Apprise()
    for variable in variables:
        addresses = environ.get(variable, "").split()
        if not addresses or not all(people.add(address) for address in addresses):
            said = "holds no address that can be sent to" if addresses else "is not set"
            message = f"{variable} {said}; see docs/alerts.md"
            raise ConfigError([Problem(key, message)])
    return people


def describe(cause: Cause, link: str | None) -> str:
    """Return what is wrong, what to do, and where it is shown."""
    lines = [cause.detail[:_LONGEST].translate(_HARMLESS), KINDS[cause.kind].cure]
    return "\n".join(line for line in [*lines, cause.link(link) if link else ""] if line)


def _messages(changed: Changes, settings: AlertSettings) -> Iterator[_Message]:
    """Yield the messages: a digest, or one for each cause, and one for all that is over."""
    begun, over, link = changed.begun, changed.over, settings.link
    held = [one for one in (*begun, *over) if one.cause.kind not in settings.urgent]
    if settings.digest_at is not None and held:
        counts = [count_label(len(begun), "thing began", "things began")] if begun else []
        counts += [f"{count_label(len(over), 'is', 'are')} over"] if over else []
        parts = [_described(begun, link), _listed("It is over:", over)]
        text = "\n\n".join(filter(None, [*parts, _listed("It goes on:", changed.still)]))
        yield f"roamhouse: {', '.join(counts)}", text, (*begun, *over)
        return
    if len(begun) > _AT_ONCE:
        yield f"roamhouse: {len(begun)} things need a person", _described(begun, link), begun
    else:
        for one in begun:
            yield f"roamhouse: {one.cause.title}", describe(one.cause, link), [one]
    if over:
        yield "roamhouse: it is over", _listed("", over), over


def _listed(heading: str, causes: Sequence[OpenCause]) -> str:
    lines = [f"{one.cause.title}, since {one.since}" for one in causes]
    return "\n".join(filter(None, [heading, *lines])) if lines else ""


def _described(begun: Sequence[OpenCause], link: str | None) -> str:
    return "\n\n".join(f"{one.cause.title}\n{describe(one.cause, link)}" for one in begun)
