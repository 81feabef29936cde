-- The version of each wanted tariff that was published when the session started: the party's
-- own; else, where the party never published such a tariff, that of the one other party of the
-- partner that has one. Ids are unique only within a party: two parties of a hub may both have a
-- tariff of that name.
create or replace temp table published_tariffs as
with versions as (
  select
    t.partner,
    t.country_code,
    t.party_id,
    lower(t.id) as tariff_id,
    t.content_hash,
    t.valid_from_at,
    t.valid_to_at,
    md5_number_lower(concat(lower(t.id), '|', t.content_hash)) as digest
  from core.tariffs as t
),
wanted as (
  select w.cdr_number, w.tariff_id, c.partner, c.country_code, c.party_id, c.start_at
  from wanted_tariff_ids as w
  join core.cdrs as c on c.rowid = w.cdr_number
),
own as (
  select w.cdr_number, w.tariff_id, v.content_hash, v.digest
  from wanted as w
  join versions as v
    on v.partner = w.partner
    and v.country_code = w.country_code
    and v.party_id = w.party_id
    and v.tariff_id = w.tariff_id
  where v.valid_from_at <= w.start_at
    and (v.valid_to_at is null or w.start_at < v.valid_to_at)
),
without_own as (
  select w.*
  from wanted as w
  anti join versions as o
    on o.partner = w.partner
    and o.country_code = w.country_code
    and o.party_id = w.party_id
    and o.tariff_id = w.tariff_id
),
of_others as (
  select
    w.cdr_number,
    w.tariff_id,
    any_value(v.content_hash) as content_hash,
    any_value(v.digest) as digest
  from without_own as w
  join versions as v on v.partner = w.partner and v.tariff_id = w.tariff_id
  where v.valid_from_at <= w.start_at
    and (v.valid_to_at is null or w.start_at < v.valid_to_at)
  group by w.cdr_number, w.tariff_id
  having count(*) = 1
)
select cdr_number, tariff_id, content_hash, digest
from own
union all
select cdr_number, tariff_id, content_hash, digest
from of_others
