-- The version of each wanted tariff that was published when the session started: the party's
-- own; else, where the party never published such a tariff, that of the one other party of the
-- partner that has one. Ids are unique only within a party: two parties of a hub may both have a
-- tariff of that name.
create or replace temp table published_tariffs as
with own_ids as (
  select distinct o.partner, o.country_code, o.party_id, lower(o.id) as tariff_id
  from core.tariffs as o
),
known as (
  select
    w.cdr_number,
    w.tariff_id,
    t.content_hash,
    t.country_code = w.country_code and t.party_id = w.party_id as is_own,
    o.tariff_id is not null as is_own_id,
    count(*) over (partition by w.cdr_number, w.tariff_id) as parties
  from wanted_tariff_ids as w
  join core.tariffs as t on t.partner = w.partner and lower(t.id) = w.tariff_id
  left join own_ids as o
    on o.partner = w.partner
    and o.country_code = w.country_code
    and o.party_id = w.party_id
    and o.tariff_id = w.tariff_id
  where t.valid_from_at <= w.start_at
    and (t.valid_to_at is null or w.start_at < t.valid_to_at)
)
select k.cdr_number, k.tariff_id, k.content_hash
from known as k
where k.is_own or (k.parties = 1 and not k.is_own_id)
