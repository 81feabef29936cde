-- The new histories with their content: a version's content is found by its hash and the page
-- that brought it, in what we have or in what the pull brought. The id stays as first sent.
create or replace temp table rebuilt_versions as
with
copies as (
  select t.object, c.id, 0 as arrival, {known_content}, c.content_hash, c.page_id
  from {table} as c
  inner join {touched} as t
    on t.partner = c.partner
    and t.country_code = c.country_code
    and t.party_id = c.party_id
    and t.id_key = lower(c.id)
  union all by name
  select
    t.object, s.id, 1 + s.staged_row as arrival, {staged_content}, s.content_hash, s.page_id
  from {staged} as s
  inner join {touched} as t
    on t.country_code = s.country_code and t.party_id = s.party_id and t.id_key = lower(s.id)
),
contents as (
  select *
  from copies as c
  qualify row_number() over (
    partition by c.object, c.content_hash, c.page_id order by c.arrival desc
  ) = 1
),
ids as (
  select c.object, arg_min(c.id, c.arrival) as id
  from copies as c
  group by c.object
)
select f.*, i.id, c.* exclude (object, id, arrival, content_hash, page_id)
from folded_rows as f
inner join ids as i on i.object = f.object
inner join contents as c
  on c.object = f.object and c.content_hash = f.content_hash and c.page_id = f.page_id
