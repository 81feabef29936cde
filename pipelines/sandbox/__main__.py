"""The sandbox's own process, as `process.start` runs it."""

from __future__ import annotations

import asyncio
import json
import os
import sys

from pipelines.sandbox.process import PartnerInfo, decoded, serve, tokens_from


def report_started(partners: tuple[PartnerInfo, ...]) -> None:
    """Say on standard output where the partners are."""
    port = partners[0].versions_url.split(":")[2].split("/")[0]
    sys.stdout.write(json.dumps({"port": int(port)}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    options = decoded(sys.argv[1])
    asyncio.run(serve(options, tokens_from(os.environ), report_started, watch_stdin=True))
