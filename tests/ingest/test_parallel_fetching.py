"""All partners at once: whatever ends a session, the run hears of it."""

import asyncio
from types import SimpleNamespace

import pytest

from pipelines.ingest.fetching import ParallelFetcher


class Breaking:
    """A `FetchContext` whose sessions end with an error of our own."""

    def __init__(self, error):
        self.error = error

    async def pull(self, partner, request):
        if partner.name == "broken":
            raise self.error
        return []


@pytest.mark.parametrize("error", [OSError("disk"), asyncio.CancelledError("cancelled")])
def test_a_session_that_breaks_off_ends_and_the_others_too(error):
    partners = [SimpleNamespace(name=name) for name in ("broken", "fine")]
    fetcher = ParallelFetcher(Breaking(error), {one.name: (one, None) for one in partners})
    fetcher.start()
    assert sorted(fetcher.finished()) == ["broken", "fine"]
    assert type(error).__name__ in fetcher.error("broken")
    assert fetcher.error("fine") is None
    with pytest.raises(type(error)):
        fetcher.fetch(partners[0], SimpleNamespace(modules=("cdrs",)))
