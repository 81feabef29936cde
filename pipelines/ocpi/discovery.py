"""Finding out what a partner offers: versions, version details, credentials."""

from models.ocpi.envelope import EnvelopeError, read_envelope
from pipelines.ocpi import errors
from pipelines.ocpi.connection import Connection
from pipelines.ocpi.offer import (
    SPOKEN_VERSIONS,
    Json,
    Offer,
    Party,
    decoded,
    read_parties,
    sender_urls,
    version_urls,
    wanted_modules,
)
from pipelines.ocpi.reading import refuse_status
from pipelines.ocpi.requester import Answer, RequestContext, Requester, Store


class Discovery:
    """One reading of a partner's configuration modules.

    `store`: stores each exchange, except credentials: their body holds a token.
    """

    def __init__(self, connection: Connection, requester: Requester, store: Store | None) -> None:
        self._connection = connection
        self._requester = requester
        self._store = store

    async def run(self) -> Offer:
        """Choose the highest common version and find its lists and parties.

        Raises:
            OcpiError: the partner cannot be used, and what to do about it.
        """
        versions = await self.versions()
        version, named = self._choose(versions)
        url = self._requester.permitted(self._connection.versions_url, named)
        offered = await self.endpoints(version, url)
        chosen, missing, notes = wanted_modules(offered, self._connection.modules, version)
        if not chosen:
            raise errors.ModuleMissingError(
                f"{self._connection.name}: OCPI {version} offers none of the lists wanted, only "
                f"{', '.join(offered) or 'nothing'}; check modules, and that the token is for "
                "the right interface"
            )
        permitted, refused = self._permit_all(url, chosen)
        parties, hub, credential_notes = await self._parties(url, offered.get("credentials"))
        return Offer(
            partner=self._connection.name,
            version=version,
            versions=tuple(str(entry.get("version")) for entry in versions),
            endpoints=permitted,
            missing=missing,
            parties=parties,
            hub_party=hub,
            notes=(*notes, *refused, *credential_notes),
        )

    async def versions(self) -> list[Json]:
        """Fetch the list of versions."""
        url = self._requester.permitted(self._connection.versions_url, "")
        return await self._ask(url, "versions")

    async def endpoints(self, version: str, url: str) -> dict[str, str]:
        """Fetch a version's details: module → URL of its sender interface, as written."""
        return sender_urls(await self.endpoint_list(url), version)

    async def endpoint_list(self, url: str) -> list[Json]:
        """Fetch a version's details: every endpoint, as written."""
        objects = await self._ask(url, "version_details")
        entries: list[object] = []
        for entry in objects:
            listed = entry.get("endpoints")
            entries.extend(listed if isinstance(listed, list) else [entry])
        return [entry for entry in entries if isinstance(entry, dict)]

    def _choose(self, versions: list[Json]) -> tuple[str, str]:
        urls = version_urls(versions)
        wanted = self._connection.version
        if wanted != "auto":
            if wanted in urls:
                return wanted, urls[wanted]
            urls = {}
        if not urls:
            theirs = ", ".join(str(entry.get("version"))[:20] for entry in versions) or "none"
            ours = wanted if wanted != "auto" else ", ".join(SPOKEN_VERSIONS)
            raise errors.NoCommonVersionError(
                f"{self._connection.name}: no common OCPI version: the partner offers {theirs}, "
                f"we want {ours}; ask the partner which versions its token opens"
            )
        best = max(urls, key=SPOKEN_VERSIONS.index)
        return best, urls[best]

    def _permit_all(
        self, base: str, chosen: dict[str, str]
    ) -> tuple[dict[str, str], tuple[str, ...]]:
        """Keep the endpoints on permitted origins; one stray endpoint spoils no other."""
        permitted: dict[str, str] = {}
        refusals: list[errors.OcpiError] = []
        for module, url in chosen.items():
            try:
                permitted[module] = self._requester.permitted(base, url)
            except errors.OcpiError as refusal:
                refusals.append(refusal)
        if not permitted and refusals:
            raise refusals[0]
        return permitted, tuple(str(refusal) for refusal in refusals)

    async def _parties(
        self, base: str, url: str | None
    ) -> tuple[tuple[Party, ...], tuple[str, str] | None, tuple[str, ...]]:
        """Read the parties; a partner that hides its credentials can still be pulled from."""
        if url is None:
            return (), None, ("no credentials endpoint: parties are unknown",)
        try:
            permitted = self._requester.permitted(base, url)
            objects = await self._ask(permitted, "credentials")
        except errors.OcpiError as error:
            return (), None, (f"credentials could not be read, parties are unknown: {error}",)
        parties, hub = read_parties(objects[0]) if objects else ((), None)
        return parties, hub, ()

    async def _ask(self, url: str, module: str) -> list[Json]:
        store = None if module == "credentials" else self._store
        context = RequestContext(module, store=store)
        try:
            return await self._requester.fetch(url, context, self._read)
        except errors.HttpRefusedError as error:
            if error.status == 404 and module == "versions":
                raise errors.HttpRefusedError(
                    f"{self._connection.name}: HTTP 404 for the versions endpoint; check "
                    "versions_url",
                    404,
                ) from error
            raise

    def _read(self, answer: Answer) -> list[Json]:
        name, body = self._connection.name, answer.exchange.body
        try:
            envelope = read_envelope(body, max_inflated=self._connection.max_page_bytes)
        except EnvelopeError as error:
            raise errors.UnreadableError(
                f"{name}: {answer.exchange.module}: {error}; check versions_url with the partner",
                truncated=error.truncated,
            ) from error
        refuse_status(name, envelope.status_code, envelope.status_message)
        return decoded(envelope.objects)
