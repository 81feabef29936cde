-- The newest copy of each object a pull brought for a table of latest states, and its fate there.
-- `last_updated` decides which copy is newer, then the later page, then the later place on it;
-- where none is stated, the moment of fetching stands in for it.
--   inserted   not known yet
--   updated    other content, not older: it replaces what we have, even if `last_updated` stayed
--   bumped     the same content under a newer `last_updated`
--   unchanged  nothing new
--   stale      older than what we have: it arrived late
create or replace temp table {incoming} as
with newest as (
  select
    {staged_columns},
    min(s.fetched_at) over same_object as first_fetched_at
  from {staged} as s
  window same_object as (partition by {key})
  qualify row_number() over (
    partition by {key}
    order by coalesce(s.last_updated_at, s.fetched_at) desc, s.page_id desc, s.staged_row desc
  ) = 1
),
-- Two steps, so that only the narrow column is read of rows that do not matter.
candidates as (
  select c.rowid as known_row
  from {table} as c
  where c.partner = $partner and c.{narrow} in (select s.{narrow} from {staged} as s)
),
known as (
  select c.rowid as known_row, {known_columns}
  from {table} as c
  where c.rowid in (select known_row from candidates)
)
select
  {newest_columns},
  {loaded_columns}
  k.known_row,
  k.last_updated_at as known_last_updated_at,
  case
    when k.known_row is null then 'inserted'
    when (coalesce(n.last_updated_at, n.fetched_at), n.page_id)
      < (coalesce(k.last_updated_at, k.fetched_at), k.page_id) then 'stale'
    when n.content_hash <> k.content_hash then 'updated'
    when n.last_updated_at is not null and n.last_updated_at is distinct from k.last_updated_at
      then 'bumped'
    else 'unchanged'
  end as fate
from newest as n
left join known as k on {same_key}
