-- The version of each wanted tariff that was published when the session started: the party's
-- own, else that of the one other party of the partner that has such a tariff.
create or replace temp table published_tariffs as
with known as (
  select
    w.cdr_number,
    w.tariff_id,
    t.content_hash,
    t.country_code = w.country_code and t.party_id = w.party_id as is_own,
    count(*) over (partition by w.cdr_number, w.tariff_id) as parties
  from wanted_tariff_ids as w
  join core.tariffs as t on t.partner = w.partner and lower(t.id) = w.tariff_id
  where t.valid_from_at <= w.start_at
    and (t.valid_to_at is null or w.start_at < t.valid_to_at)
)
select k.cdr_number, k.tariff_id, k.content_hash
from known as k
where k.is_own or k.parties = 1
