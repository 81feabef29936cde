"""Fetching open-data feeds: files of OCPI objects, from a URL or a path, without a token."""

from pipelines.feeds.feed import Feed, Fetched, Sink, Validators
from pipelines.feeds.fetching import fetch_feed

__all__ = ["Feed", "Fetched", "Sink", "Validators", "fetch_feed"]
