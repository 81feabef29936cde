-- Keys that more than one row has, among the rows that the given pages brought and all others. Only
-- the narrow column is read of rows that cannot be meant, so that the cost hardly grows.
with
brought as (
  select distinct hash(c.{brought_narrow}) as narrow_hash
  from {brought_table} as c
  where c.page_id in (select unnest($page_ids::varchar[]))
),
candidates as (
  select c.rowid as candidate_row
  from {table} as c
  where hash(c.{narrow}) in (select narrow_hash from brought)
),
repeated as (
  select {key}
  from {table} as c
  where c.rowid in (select candidate_row from candidates)
  group by {key}
  having count(*) > 1
)
select
  (select count(*) from repeated) as violations,
  (select list(example) from (
    select concat_ws('/', {key}) as example from repeated as c order by example limit 5
  )) as examples
