-- Keys that more than one row has. Hashes find the suspects, since groups of whole keys are dear.
with
suspects as (
  select hash({key}) as key_hash
  from {table}
  group by key_hash
  having count(*) > 1
),
repeated as (
  select {key}, count(*) as copies
  from {table}
  where hash({key}) in (select key_hash from suspects)
  group by {key}
  having count(*) > 1
)
select
  (select count(*) from repeated) as violations,
  (select list(example) from (
    select concat_ws('/', {key}) as example from repeated order by example limit 5
  )) as examples
