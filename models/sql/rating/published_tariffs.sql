-- The version of each wanted tariff that was in force when the session started: the party's own;
-- else, where the party never published such a tariff, that of the one other party of the partner
-- that has one. Ids are unique only within a party: two parties of a hub may both have a tariff of
-- that name. Where nothing was in force yet, the version that was announced stands: the price then
-- says that it was not active.
create or replace temp table published_tariffs as
with
wanted as (
  select
    w.cdr_number,
    w.tariff_id,
    w.place,
    w.by_connector,
    c.partner,
    c.country_code,
    c.party_id,
    c.start_at
  from wanted_tariff_ids as w
  join core.cdrs as c on c.rowid = w.cdr_number
),
without_own as (
  select w.*
  from wanted as w
  anti join core.tariffs as o
    on o.partner = w.partner
    and o.country_code = w.country_code
    and o.party_id = w.party_id
    and lower(o.id) = w.tariff_id
),
versions as (
  select
    t.partner,
    t.country_code,
    t.party_id,
    lower(t.id) as tariff_id,
    t.content_hash,
    t.valid_from_at,
    t.in_force_from_at,
    t.in_force_to_at,
    md5_number_lower(concat(lower(t.id), '|', t.content_hash)) as digest
  from tariffs_in_force() as t
),
published as (
  select
    w.cdr_number,
    w.tariff_id,
    w.place,
    w.by_connector,
    w.start_at,
    v.country_code,
    v.party_id,
    v.content_hash,
    v.digest,
    v.in_force_from_at
  from wanted as w
  join versions as v
    on v.partner = w.partner
    and v.country_code = w.country_code
    and v.party_id = w.party_id
    and v.tariff_id = w.tariff_id
    and v.valid_from_at <= w.start_at
    and (v.in_force_to_at is null or w.start_at < v.in_force_to_at)
  union all
  select
    w.cdr_number,
    w.tariff_id,
    w.place,
    w.by_connector,
    w.start_at,
    v.country_code,
    v.party_id,
    v.content_hash,
    v.digest,
    v.in_force_from_at
  from without_own as w
  join versions as v
    on v.partner = w.partner
    and v.tariff_id = w.tariff_id
    and v.valid_from_at <= w.start_at
    and (v.in_force_to_at is null or w.start_at < v.in_force_to_at)
),
in_force as (
  select p.*
  from published as p
  qualify row_number() over (
    partition by p.cdr_number, p.tariff_id, p.country_code, p.party_id
    order by p.in_force_from_at > p.start_at, p.in_force_from_at
  ) = 1
)
select
  i.cdr_number,
  i.tariff_id,
  any_value(i.content_hash) as content_hash,
  any_value(i.digest) as digest,
  any_value(i.place) as place,
  any_value(i.by_connector) as by_connector
from in_force as i
group by i.cdr_number, i.tariff_id
having count(*) = 1
