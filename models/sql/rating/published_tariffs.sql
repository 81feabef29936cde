-- The version of each wanted tariff that was published when the session started: the party's
-- own; else, where the party never published such a tariff, that of the one other party of the
-- partner that has one.
create or replace temp table published_tariffs as
with known as (
  select
    w.cdr_number,
    w.tariff_id,
    t.content_hash,
    t.country_code = c.country_code and t.party_id = c.party_id as is_own,
    count(*) over (partition by w.cdr_number, w.tariff_id) as parties,
    exists (
      select 1
      from core.tariffs as o
      where o.partner = c.partner
        and o.country_code = c.country_code
        and o.party_id = c.party_id
        and lower(o.id) = w.tariff_id
    ) as is_own_id
  from wanted_tariff_ids as w
  join rating_cdrs as c on c.cdr_number = w.cdr_number
  join core.tariffs as t
    on t.partner = c.partner
    and lower(t.id) = w.tariff_id
    and t.valid_from_at <= c.start_at
    and (t.valid_to_at is null or c.start_at < t.valid_to_at)
)
select k.cdr_number, k.tariff_id, k.content_hash
from known as k
where k.is_own or (k.parties = 1 and not k.is_own_id)
