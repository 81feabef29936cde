-- The version of each wanted tariff that was in force when the session started: the party's own;
-- else, where the party never published such a tariff, that of the one other party of the partner
-- that has one. Ids are unique only within a party: two parties of a hub may both have a tariff of
-- that name.
-- A version is in force from the later of its publication and its start; until then the version
-- before it is, so that a price that was only announced takes no price away. A tariff that was
-- withdrawn before the session is none. Where nothing was in force yet, the version that was
-- announced stands: the price then says that it was not active.
create or replace temp table published_tariffs as
with versions as (
  select
    t.partner,
    t.country_code,
    t.party_id,
    lower(t.id) as tariff_id,
    t.id as stated_id,
    t.content_hash,
    t.start_at,
    t.valid_from_at,
    t.valid_to_at,
    md5_number_lower(concat(lower(t.id), '|', t.content_hash)) as digest
  from core.tariffs as t
),
wanted as (
  select
    w.cdr_number, w.tariff_id, w.stated_id, w.place, w.by_connector,
    c.partner, c.country_code, c.party_id, c.start_at
  from wanted_tariff_ids as w
  join core.cdrs as c on c.rowid = w.cdr_number
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
published as (
  select
    w.cdr_number, w.tariff_id, w.stated_id as wanted_id, w.place, w.by_connector,
    w.start_at as session_at, v.country_code, v.party_id, v.stated_id, v.content_hash,
    v.start_at, v.valid_from_at, v.valid_to_at, v.digest
  from wanted as w
  join versions as v
    on v.partner = w.partner
    and v.country_code = w.country_code
    and v.party_id = w.party_id
    and v.tariff_id = w.tariff_id
    and v.valid_from_at <= w.start_at
  union all
  select
    w.cdr_number, w.tariff_id, w.stated_id as wanted_id, w.place, w.by_connector,
    w.start_at as session_at, v.country_code, v.party_id, v.stated_id, v.content_hash,
    v.start_at, v.valid_from_at, v.valid_to_at, v.digest
  from without_own as w
  join versions as v
    on v.partner = w.partner
    and v.tariff_id = w.tariff_id
    and v.valid_from_at <= w.start_at
),
in_force as (
  select p.*
  from published as p
  -- The spelling that was named first, where a party has the id in several (2.1.1).
  qualify row_number() over (
    partition by p.cdr_number, p.tariff_id, p.country_code, p.party_id
    order by
      p.stated_id <> p.wanted_id,
      coalesce(p.start_at <= p.session_at, true) desc,
      p.valid_from_at desc,
      p.valid_to_at desc nulls first,
      p.content_hash
  ) = 1
  and bool_or(p.valid_to_at is null or p.session_at < p.valid_to_at) over (
    partition by p.cdr_number, p.tariff_id, p.country_code, p.party_id
  )
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
