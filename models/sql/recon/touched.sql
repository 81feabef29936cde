-- recon_touched: the CDRs that something changed for: they are new, or what they rest on is, or
-- their time has come.
create temp table recon_touched as
with changed as (
  select n.source, n.value from recon_seen_new as n
  union all
  select g.source, g.value from recon_seen_gone as g where g.source in ('blocked', 'place', 'invoice')
),
fresh_sessions as (
  select s.* from core.sessions as s
  where s.page_id in (select c.value from changed as c where c.source = 'core.sessions')
),
fresh_tokens as (
  select t.uid from core.tokens as t
  where t.page_id in (select c.value from changed as c where c.source = 'core.tokens')
  union
  select split_part(c.value, '/', 1) from changed as c where c.source = 'blocked'
),
fresh_statuses as (
  select e.partner, e.country_code, e.party_id, e.location_id, e.evse_uid, min(e.from_at) as from_at
  from core.evse_status as e
  where e.page_id in (select c.value from changed as c where c.source = 'core.evse_status')
  group by e.partner, e.country_code, e.party_id, e.location_id, e.evse_uid
),
places as (
  select distinct split_part(c.value, '|', 1) as place from changed as c where c.source = 'place'
),
invoices as (
  select distinct split_part(c.value, '|', 2) as invoice_id from changed as c where c.source = 'invoice'
),
listed as (
  select i.partner, i.country_code, i.party_id, lower(left(unnest(i.cdr_ids), 36)) as cdr_key
  from core.invoices as i
  where i.invoice_id in (select v.invoice_id from invoices as v)
)
select c.rowid as n from core.cdrs as c
where c.page_id in (select x.value from changed as x where x.source = 'core.cdrs')
union
select a.n from recon_all as a
join fresh_sessions as s
  on s.partner = a.partner and s.country_code = a.country_code
  and s.party_id = a.party_id and lower(s.id) = a.session_key
union
select a.n from recon_all as a
join fresh_sessions as s
  on s.partner = a.partner and s.token_uid = a.token_uid
  and a.start_at between s.start_at - interval 60 seconds and s.start_at + interval 60 seconds
where a.session_key is null
union
select a.n from recon_all as a
where a.token_uid in (select t.uid from fresh_tokens as t)
union
select a.n from recon_all as a
join core.cdr_conflicts as x
  on x.partner = a.partner and x.country_code = a.country_code
  and x.party_id = a.party_id and x.id = a.id
where x.page_id in (select c.value from changed as c where c.source = 'core.cdr_conflicts')
union
select a.n from recon_all as a
join fresh_statuses as e
  on e.partner = a.partner and e.country_code = a.country_code and e.party_id = a.party_id
  and e.location_id = a.location_id and e.evse_uid = a.evse_uid and a.end_at > e.from_at
union
select a.n from recon_all as a
join places as p
  on p.place = concat_ws('/', a.partner, a.country_code, a.party_id, a.location_id)
union
select a.n from recon_all as a
join listed as l
  on l.partner = a.partner and l.country_code = a.country_code
  and l.party_id = a.party_id and l.cdr_key = left(a.id_key, 36)
union
select a.n from recon_all as a
join recon.cdrs as r
  on r.partner = a.partner and r.country_code = a.country_code
  and r.party_id = a.party_id and r.id = a.id
where r.recheck_at <= $as_of
  or r.invoice_id in (select v.invoice_id from invoices as v)
