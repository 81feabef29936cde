-- recon_claims: the CDRs in focus, and all that any of them is set against: on its EVSE what went
-- on then and twenty priced charges before, on its token the week before, its session, its credits.
create temp table recon_claims as
with focus as (
  select a.* from recon_all as a where a.n in (select f.n from recon_focus_n as f)
),
tokens as (
  select f.token_uid, min(f.start_at) - interval 7 days as since_at
  from focus as f
  group by f.token_uid
),
evses as (
  select f.evse_key, min(f.start_at) - to_microseconds($near_us) as since_at
  from focus as f
  group by f.evse_key
),
connectors as (
  select f.connector_key, f.currency, min(f.start_at) as first_at
  from focus as f
  group by f.connector_key, f.currency
),
earlier as (
  select a.connector_key, a.currency, list_min(max(a.start_at, 20)) as since_at
  from recon_all as a
  join connectors as c
    on c.connector_key = a.connector_key and c.currency = a.currency and a.start_at <= c.first_at
  where a.total_energy_kwh >= 1 and a.total_cost_excl_vat > 0
    and not a.credit and not a.home_charging_compensation
  group by a.connector_key, a.currency
),
in_scope as (
  select l.n from recon_linked as l
  union
  select f.n from focus as f
  union
  select a.n from recon_all as a
  join evses as e on e.evse_key = a.evse_key and a.end_at > e.since_at
  union
  select a.n from recon_all as a
  join earlier as e
    on e.connector_key = a.connector_key and e.currency = a.currency and a.start_at >= e.since_at
  union
  select a.n from recon_all as a
  join tokens as t on t.token_uid = a.token_uid and a.end_at > t.since_at
),
sessions as (
  select distinct a.country_code, a.party_id, a.session_key
  from recon_all as a
  where a.n in (select s.n from in_scope as s) and a.session_key is not null
),
mates as (
  select s.n from in_scope as s
  union
  select a.n from recon_all as a
  join sessions as s
    on s.session_key = a.session_key and s.country_code = a.country_code
    and s.party_id = a.party_id
),
credits as (
  select k.n, o.n as original_n
  from recon_all as k
  join recon_all as o
    on o.id_key = k.credit_key and o.partner = k.partner
    and o.country_code = k.country_code and o.party_id = k.party_id
  where k.credit
),
whole as (
  select m.n from mates as m
  union
  select c.n from credits as c where c.original_n in (select m.n from mates as m)
  union
  select c.original_n from credits as c where c.n in (select m.n from mates as m)
)
select a.* from recon_all as a where a.n in (select w.n from whole as w)
