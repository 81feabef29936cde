"""Queries made from the declaration of a table: the one place where SQL is not a file.

Everything here is what all tables do alike. Names come from `models.tables` only; values are
bound as `$name`.
"""

# ruff: noqa: S608 - the names are our own

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from models.tables.charging import CDRS, CHARGING_PERIODS
from models.tables.kinds import Table
from pipelines.warehouse import sql_files

query = partial(sql_files.query, "core")

# Key columns that tell little: the first other one narrows a search.
_SHARED_BY_MANY = frozenset({"partner", "country_code", "party_id", "module"})
# What a row keeps from the one that it replaces.
_KEPT = {
    "first_seen_at": "coalesce(k.first_seen_at, n.first_fetched_at)",
    "removed_at": "cast(null as timestamptz)",
    "is_current_copy": "coalesce(k.is_current_copy, false)",
}


def columns(names: Iterable[str], alias: str = "") -> str:
    """Return `names` as a select list, of the relation `alias` if given."""
    prefix = f"{alias}." if alias else ""
    return ", ".join(f'{prefix}"{name}"' for name in names)


def names(table: Table) -> list[str]:
    """Return the names of the table's columns, in order."""
    return [column.name for column in table.columns]


def staged(table: Table) -> str:
    """Return the name of the temporary table that collects what a pull brought for `table`."""
    return f"staged_{table.name.split('.', 1)[1]}"


def incoming(table: Table) -> str:
    """Return the name of the temporary table of one row an object, with its merge action."""
    return f"incoming_{table.name.split('.', 1)[1]}"


def create_staged(table: Table) -> str:
    """Return the query that makes `staged_<table>`, empty; the number keeps page order."""
    frame = columns(column.name for column in table.frame_columns)
    number = "cdr_row" if table is CHARGING_PERIODS else "staged_row"
    return (
        f"create or replace temp table {staged(table)} as "
        f"select {frame}, cast(0 as bigint) as {number} from {table.name} limit 0"
    )


def insert_all(table: str, rows: str) -> str:
    """Return the query that puts `rows`, which has the same columns, into `table`."""
    return f"insert into {table} by name select * from {rows}"


def insert_whole(table: Table) -> str:
    """Return the query that puts all rows that a pull brought into `table`."""
    number = "cdr_row" if table is CHARGING_PERIODS else "staged_row"
    return f"insert into {table.name} by name select * exclude ({number}) from {staged(table)}"


def insert_unknown(table: Table) -> str:
    """Return the query that puts in the first staged row of each key that is not known yet.

    Unknown values in a key agree. The query takes `$partner`.
    """
    return f"""
        insert into {table.name} by name
        select s.* exclude (staged_row)
        from {staged(table)} as s
        where not exists (
          select 1
          from {table.name} as c
          where c.partner = $partner and ({columns(table.key, "c")})
            is not distinct from ({columns(table.key, "s")})
        )
        qualify row_number() over (
          partition by {columns(table.key, "s")} order by s.staged_row
        ) = 1
    """


def create_incoming(table: Table, *, ignore_case: bool) -> str:
    """Return the query that makes `incoming_<table>`: the newest copy of each object of a pull.

    `last_updated` decides which copy is newer, then the later page, then the later place on it;
    where none is stated, the moment of fetching stands in for it. `merge_action` is

    - inserted: not known yet
    - updated: other content, or the id in another spelling: it replaces what we have
    - bumped: the same content under another `last_updated`
    - unchanged: nothing new
    - stale: older than what we have: it arrived late. A complete list of everything shows what is
      current, whatever stamp an older copy bore: nothing in it is stale.

    The query takes `$partner` and `$is_complete_list`.

    `ignore_case`: whether ids are compared without regard to case (`CiString`, since OCPI 2.2).
    """
    frame = [column.name for column in table.frame_columns]
    ids = _ids(table)
    kept = "".join(f"{_KEPT[name]} as {name}, " for name in _KEPT if name in table.loaded)
    removed = "{}.removed_at" if "removed_at" in table.loaded else "cast(null as timestamptz)"
    known = [*table.key, "content_hash", "last_updated_at", "fetched_at", "page_id"]
    # Two steps, so that only the first id is read of rows that do not matter. More than one row of
    # an object may be left of a time when case was looked at.
    return f"""
        create or replace temp table {incoming(table)} as
        with newest as (
          select {columns(frame, "s")}, min(s.fetched_at) over same_object as first_fetched_at
          from {staged(table)} as s
          window same_object as (partition by {_key(table, "s", ignore_case)})
          qualify row_number() over (
            partition by {_key(table, "s", ignore_case)}
            order by coalesce(s.last_updated_at, s.fetched_at) desc, s.page_id desc,
              s.staged_row desc
          ) = 1
        ),
        candidates as (
          select c.rowid as known_row
          from {table.name} as c
          where c.partner = $partner
            and lower(c."{ids[0]}") in (select lower(s."{ids[0]}") from {staged(table)} as s)
        ),
        known as (
          select c.rowid as known_row, {columns([*known, *sorted(table.loaded)], "c")}
          from {table.name} as c
          where c.rowid in (select d.known_row from candidates as d)
          qualify row_number() over (
            partition by {_key(table, "c", ignore_case)}
            order by {removed.format("c")} is not null,
              coalesce(c.last_updated_at, c.fetched_at) desc, c.page_id desc
          ) = 1
        )
        select
          {columns(frame, "n")}, {kept}
          k.known_row, k.last_updated_at as known_last_updated_at,
          {removed.format("k")} as known_removed_at,
          {", ".join(f'k."{name}" as "known_{name}"' for name in ids)},
          case
            when k.known_row is null then 'inserted'
            when not $is_complete_list and (coalesce(n.last_updated_at, n.fetched_at), n.page_id)
              < (coalesce(k.last_updated_at, k.fetched_at), k.page_id) then 'stale'
            when n.content_hash <> k.content_hash
              or ({columns(ids, "n")}) is distinct from ({columns(ids, "k")}) then 'updated'
            when n.last_updated_at is not null
              and n.last_updated_at is distinct from k.last_updated_at then 'bumped'
            else 'unchanged'
          end as merge_action
        from newest as n
        left join known as k
          on ({_key(table, "k", ignore_case)}) = ({_key(table, "n", ignore_case)})
    """


def confirm_known(table: Table) -> str:
    """Return the query that notes on known rows what a copy of the same content tells of them.

    A newer `last_updated`; and that an object which came again is there again, even in an old
    copy. The page stays the one that brought the content.
    """
    revive = "removed_at = null," if "removed_at" in table.loaded else ""
    return f"""
        update {table.name} as c
        set
          {revive}
          last_updated_at = case when i.merge_action = 'bumped' then i.last_updated_at
            else c.last_updated_at end
        from {incoming(table)} as i
        where c.rowid = i.known_row
          and (i.merge_action = 'bumped' or i.known_removed_at is not null)
    """


def merge_incoming(table: Table) -> str:
    """Return the query that puts in the objects that are new or have new content.

    One action for matched rows: DuckLake takes no more of them in a merge.
    """
    all_names = names(table)
    changes = ", ".join(f'"{name}" = i."{name}"' for name in all_names)
    return f"""
        merge into {table.name} as c
        using (
          select * from {incoming(table)} where merge_action in ('inserted', 'updated')
        ) as i
        on c.rowid = i.known_row
        when matched then update set {changes}
        when not matched then insert ({columns(all_names)}) values ({columns(all_names, "i")})
    """


def count_actions(table: Table) -> str:
    """Return the query for the objects of a pull by merge action, and how many of them are back."""
    return (
        "select merge_action, count(*), count(known_removed_at) "
        f"from {incoming(table)} group by merge_action"
    )


def remove_missing(table: Table) -> str:
    """Return the query that marks what a pull lacks as gone since `$started_at`."""
    return f"""
        update {table.name} set removed_at = $started_at
        where rowid in (
          select known_row from live_objects where is_missing and table_name = '{table.name}'
        )
    """


def create_known_versions(table: Table) -> str:
    """Return the query that names a table of versions `known_versions`."""
    return (
        "create or replace temp view known_versions as "
        f"select rowid as known_row, * from {table.name}"
    )


def create_staged_versions(table: Table) -> str:
    """Return the query that names what a pull brought for a table of versions `staged_versions`."""
    return f"create or replace temp view staged_versions as select * from {staged(table)}"


def delete_folded_versions(table: Table) -> str:
    """Return the query that takes out the histories that `folded_versions` holds anew."""
    return (
        f"delete from {table.name} where rowid in (select known_row from version_copies "
        "where object in (select object from folded_versions))"
    )


def rows_of_pages(table: Table) -> str:
    """Return the query for the rows that the pages in `$page_ids` brought."""
    return (
        f"select {columns(names(table))} from {table.name} "
        "where page_id in (select unnest($page_ids::varchar[]))"
    )


def forget_pages(table: Table) -> str:
    """Return the query that takes out the rows of `$partner` that `forgotten_pages` brought."""
    return (
        f"delete from {table.name} "
        "where partner = $partner and page_id in (select page_id from forgotten_pages)"
    )


def repeated_keys(table: Table) -> str:
    """Return the query for keys that more than one row has: how many, and some of them.

    Hashes find the suspects, since groups of whole keys are dear.
    """
    key = _key(table, "c", table is CDRS)
    return _repeated(
        table,
        f"hash({key}) in (select hash({key}) from {table.name} as c group by all "
        "having count(*) > 1)",
    )


def repeated_keys_of_pages(table: Table) -> str:
    """Return the query for keys of rows that the pages in `$page_ids` brought and others have too.

    Only one column is read of rows that cannot be meant, so that the cost hardly grows.
    """
    narrow = _ids(table)[0]
    # Periods have no page of their own: their CDR's brought them.
    source, narrow_there = (CDRS.name, "id") if table is CHARGING_PERIODS else (table.name, narrow)
    return _repeated(
        table,
        f"""c.rowid in (
          select d.rowid from {table.name} as d where hash(lower(d."{narrow}")) in (
            select hash(lower(b."{narrow_there}")) from {source} as b
            where b.page_id in (select unnest($page_ids::varchar[]))
          )
        )""",
    )


def _repeated(table: Table, condition: str) -> str:
    return f"""
        with repeated as (
          select min(concat_ws('/', {columns(table.key, "c")})) as example
          from {table.name} as c
          where {condition}
          group by {_key(table, "c", table is CDRS)}
          having count(*) > 1
        )
        select count(*), list(example order by example)[:5] from repeated
    """


def _ids(table: Table) -> list[str]:
    """Return the key's columns that tell objects of one party apart."""
    return [name for name in table.key if name not in _SHARED_BY_MANY]


def _key(table: Table, alias: str, ignore_case: bool) -> str:
    """Return the key as a select list, its ids folded where case is to be ignored."""
    ids = set(_ids(table)) if ignore_case else set()
    return ", ".join(
        f'lower({alias}."{name}")' if name in ids else f'{alias}."{name}"' for name in table.key
    )
