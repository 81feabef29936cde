"""Addresses of the settings and the partners file: URLs without credentials, stores, databases."""

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, parse_qsl, urlsplit

from pydantic import BeforeValidator, ValidationInfo

from pipelines.config.values import RefusedValue, read_in_folder, text_of

_SECRET_PARAMETER = re.compile(
    r"token|secret|passw|api[-_]?key|^key$|^auth|^sig(nature)?$", re.IGNORECASE
)


def read_url(value: object) -> str:
    """Read an http or https URL without credentials."""
    text = text_of(value)
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if usable and (parts.username is not None or parts.password is not None):
        raise RefusedValue("the URL holds credentials: remove everything between // and @")
    if not usable or parts.fragment or re.search(r"[\s\x00-\x1f\\]", text):
        raise ValueError("a URL such as https://voltix.example/ocpi/versions")
    _refuse_secrets(parts)
    return text


def _refuse_secrets(parts: SplitResult) -> None:
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if _SECRET_PARAMETER.search(name):
            raise RefusedValue(f"the URL holds a secret: remove the parameter {name}")


def read_postgres_url(value: object) -> str:
    """Read the URL of a PostgreSQL database without its password."""
    text = text_of(value)
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"postgres", "postgresql"} and len(parts.path) > 1
    except ValueError:
        usable = False
    if not usable or re.search(r"[\s\x00-\x1f\\]", text):
        raise ValueError("a database such as postgres://roamhouse@db.example:5432/lake")
    if parts.password is not None:
        raise RefusedValue("the URL holds a password: remove it, and set PGPASSWORD")
    _refuse_secrets(parts)
    return text


def read_lake_folder(value: object) -> str:
    """Read where the files of a lake are: the same for every process."""
    text = text_of(value)
    expected = "the whole path of a folder, such as /srv/roamhouse/lake, or s3://bucket/folder"
    if "://" in text:
        return _read_store(text, expected)
    path = Path(text).expanduser()
    if not path.is_absolute() or "\x00" in text:
        raise ValueError(expected)
    return str(path)


def read_store(value: object) -> str:
    """Read the address of a folder in an object store, which names no credentials."""
    return _read_store(text_of(value), "a place such as s3://bucket/folder")


def _read_store(text: str, expected: str) -> str:
    """Read the address of a folder in an object store, which names no credentials."""
    try:
        parts = urlsplit(text)
        options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError as error:
        raise ValueError(expected) from error
    if "@" in parts.netloc:
        raise RefusedValue("the address holds credentials: remove them, and set AWS_ACCESS_KEY_ID")
    _refuse_secrets(parts)
    if (
        parts.scheme != "s3"
        or not re.fullmatch(r"[a-z0-9][a-z0-9.-]+", parts.netloc)
        or not options.keys() <= {"endpoint_override", "scheme", "region"}
        or re.search(r"[\s\x00-\x1f\\#]", text)
    ):
        raise ValueError(expected)
    return text


def read_origin(value: object) -> str:
    """Read a scheme, host and port, in lower case."""
    expected = "an origin without a path, such as https://api.voltix.example"
    try:
        url = read_url(value)
    except RefusedValue:
        raise
    except ValueError as error:
        raise ValueError(expected) from error
    parts = urlsplit(url)
    if parts.path not in {"", "/"} or parts.query:
        raise ValueError(expected)
    return f"{parts.scheme}://{parts.netloc}".lower()


def read_source(value: object, info: ValidationInfo) -> str:
    """Read a feed: an http or https URL, or a file path from the partners file's folder."""
    text = text_of(value)
    if text.startswith("file://"):
        return str(read_in_folder(text.removeprefix("file://"), info))
    if "://" in text:
        return read_url(text)
    return str(read_in_folder(text, info))


Url = Annotated[str, BeforeValidator(read_url)]
PostgresUrl = Annotated[str, BeforeValidator(read_postgres_url)]
Store = Annotated[str, BeforeValidator(read_store)]
LakeFolder = Annotated[str, BeforeValidator(read_lake_folder)]
Origin = Annotated[str, BeforeValidator(read_origin)]
Source = Annotated[str, BeforeValidator(read_source)]
