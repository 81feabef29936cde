"""Reading the Link header (RFC 8288) for where a list goes on, and mending what it drops."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_VALUE = r"""(?:"[^"]*+"|'[^']*+'|[^\s"',;]*+)"""
_NAME = r"[\w!#$%&*+.^`|~-]++"
# Possessive throughout: a hostile header must not make the search go back and forth.
_LINK = re.compile(rf"<([^<>]*+)>((?:\s*+;\s*+{_NAME}\s*+(?:=\s*+{_VALUE})?)*+)")
_PARAMETER = re.compile(rf";\s*+({_NAME})\s*+=\s*+({_VALUE})")
_NOTHING = frozenset({"", "none", "null", "undefined", "nan"})
_OURS = ("date_from", "date_to", "limit")


def next_link(header: str | None) -> str | None:
    """Return the target of the `next` relation.

    Implements transport_and_format, paginated response. Survives several links in one
    header, any case and spacing, unquoted and multiple relations, an empty header.

    `header`: the Link header; several are joined by commas.

    Returns:
        The target as the partner wrote it, or None: this is the last page.
    """
    for target, parameters in _LINK.findall(header or ""):
        if target.strip() and "next" in _relations(parameters):
            return str(target).strip()
    return None


def _relations(parameters: str) -> list[str]:
    for name, value in _PARAMETER.findall(parameters):
        if name.lower() == "rel":
            return str(value).strip("\"'").lower().split()
    return []


def offset_of(url: str) -> int | None:
    """Return the `offset` parameter of a URL; None where it pages some other way."""
    for name, value in parse_qsl(urlsplit(url).query):
        if name.lower() == "offset" and value.isdecimal():
            return int(value)
    return None


def mend_link(url: str, asked: Mapping[str, str]) -> str:
    """Put back the filters that a partner's Link lost.

    A Link shall carry the filters of the request. Where it pages by offset but lost them,
    or says `date_from=None`, following it as it is would go on in another list. A Link
    without an offset (a cursor) knows its filters itself and is left alone.

    `asked`: the parameters of our first request.
    """
    if offset_of(url) is None:
        return url
    parts = urlsplit(url)
    named = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(n, v) for n, v in named if n not in _OURS or v.strip().lower() not in _NOTHING]
    present = {name for name, _ in kept}
    lost = [(n, asked[n]) for n in ("date_from", "date_to") if n in asked and n not in present]
    if len(kept) == len(named) and not lost:
        return url
    return urlunsplit(parts._replace(query=urlencode([*kept, *lost], safe=":")))


def with_query(url: str, parameters: Mapping[str, str]) -> str:
    """Return the URL with parameters set, keeping the others that it has."""
    parts = urlsplit(url)
    others = [
        (n, v) for n, v in parse_qsl(parts.query, keep_blank_values=True) if n not in parameters
    ]
    return urlunsplit(parts._replace(query=urlencode([*others, *parameters.items()], safe=":")))
