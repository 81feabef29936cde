-- Adds the CDRs whose price is another than the one that their verdict rests on.
insert into recon_touched
with priced as (
  select
    q.partner, q.country_code, q.party_id, q.cdr_id,
    md5(
      coalesce(max(q.input_hash) filter (where q.source = 'embedded'), '') || '/'
      || coalesce(max(q.input_hash) filter (where q.source = 'published'), '')
    ) as rating_hash
  from rating.cdrs as q
  group by q.partner, q.country_code, q.party_id, q.cdr_id
)
select a.n
from recon_all as a
join recon.cdrs as r
  on r.partner = a.partner and r.country_code = a.country_code
  and r.party_id = a.party_id and r.id = a.id
left join priced as p
  on p.partner = a.partner and p.country_code = a.country_code
  and p.party_id = a.party_id and p.cdr_id = a.id
where r.rating_hash is distinct from coalesce(p.rating_hash, md5('/'))
