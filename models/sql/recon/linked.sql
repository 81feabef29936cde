-- recon_linked: the touched CDRs, what they credit or are credited by, and then every CDR that may
-- be for the same session or a copy: each of them may now be judged otherwise.
create temp table recon_linked as
with touched as (
  select a.* from recon_all as a where a.n in (select t.n from recon_touched as t)
),
credited as (
  select t.* from touched as t
  union
  select a.* from recon_all as a
  join touched as t
    on t.credit and a.id_key = t.credit_key and a.partner = t.partner
    and a.country_code = t.country_code and a.party_id = t.party_id
  union
  select a.* from recon_all as a
  join touched as t
    on a.credit and a.credit_key = t.id_key and a.partner = t.partner
    and a.country_code = t.country_code and a.party_id = t.party_id
),
origins as (
  select c.* from credited as c
  union
  select a.* from recon_all as a
  join credited as c
    on c.credit and a.id_key = c.credit_key and a.partner = c.partner
    and a.country_code = c.country_code and a.party_id = c.party_id
  union
  select a.* from recon_all as a
  join credited as c
    on a.credit and a.credit_key = c.credit_key and a.partner = c.partner
    and a.country_code = c.country_code and a.party_id = c.party_id
)
select o.n from origins as o
union
select a.n from recon_all as a
join origins as o
  on a.session_key = o.session_key and a.country_code = o.country_code and a.party_id = o.party_id
union
select a.n from recon_all as a
join origins as o
  on a.token_uid = o.token_uid and a.evse_key = o.evse_key
  and abs(epoch_us(a.start_at) - epoch_us(o.start_at)) <= $near_us
