"""Speaking OCPI to a partner: discovery, paging, retries, limits.

Knows nothing of Dagster, DuckDB, the partners file or the landing: settings come in as a
`Connection`, response bodies go out through a callback, pages through an iterator.

    async with OcpiClient(connection, on_exchange=store) as client:
        offer = await client.discover()
        pull = client.pull("cdrs", date_from=yesterday)
        async for page in pull:
            ...
        pull.outcome.complete
"""
