-- recon_claims: the CDRs in focus, and all that any of them is set against.
create temp table recon_claims as
with focus as (
  select a.* from recon_all as a where a.n in (select f.n from recon_focus_n as f)
),
tokens as (
  select f.token_uid, min(f.start_at) - interval 7 days as since_at
  from focus as f
  group by f.token_uid
),
in_scope as (
  select l.n from recon_linked as l
  union
  select f.n from focus as f
  union
  select a.n from recon_all as a
  where a.evse_key in (select f.evse_key from focus as f)
  union
  select a.n from recon_all as a
  join tokens as t on t.token_uid = a.token_uid and a.end_at > t.since_at
  union
  select a.n from recon_all as a
  join focus as f
    on a.session_key = f.session_key and a.country_code = f.country_code and a.party_id = f.party_id
  union
  select a.n from recon_all as a
  join focus as f
    on a.credit and a.credit_key = f.id_key and a.partner = f.partner
    and a.country_code = f.country_code and a.party_id = f.party_id
  union
  select a.n from recon_all as a
  join focus as f
    on f.credit and a.id_key = f.credit_key and a.partner = f.partner
    and a.country_code = f.country_code and a.party_id = f.party_id
),
sessions as (
  select distinct a.country_code, a.party_id, a.session_key
  from recon_all as a
  where a.n in (select s.n from in_scope as s) and a.session_key is not null
)
select a.* from recon_all as a
where a.n in (select s.n from in_scope as s)
  or (a.country_code, a.party_id, a.session_key) in (
    select (s.country_code, s.party_id, s.session_key) from sessions as s
  )
