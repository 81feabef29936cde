-- Keeps each changed copy of a CDR once: the first content stays, the claim to another is evidence.
insert into core.cdr_conflicts by name
with kept as (
  select k.country_code, k.party_id, k.id, k.content_hash
  from known_cdrs as k
  union all
  select s.country_code, s.party_id, s.id, s.content_hash
  from staged_cdrs as s
  where s.staged_row in (select f.staged_row from fresh_cdrs as f)
)
select
  s.partner, s.country_code, s.party_id, s.id, k.content_hash as kept_content_hash, s.currency,
  s.total_cost_excl_vat, s.last_updated_at, s.content_hash, s.fetched_at, s.page_id
from staged_cdrs as s
inner join kept as k
  on k.id = s.id and k.country_code = s.country_code and k.party_id = s.party_id
where s.staged_row not in (select f.staged_row from fresh_cdrs as f)
  and s.content_hash <> k.content_hash
  and not exists (
    select 1
    from core.cdr_conflicts as c
    where c.partner = s.partner
      and c.country_code = s.country_code
      and c.party_id = s.party_id
      and c.id = s.id
      and c.content_hash = s.content_hash
  )
qualify row_number() over (
  partition by s.country_code, s.party_id, s.id, s.content_hash order by s.staged_row
) = 1
