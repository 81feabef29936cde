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
),
known as (
    select r.partner, r.country_code, r.party_id, r.id
    from recon.cdrs as r
    left join priced as p
        on p.partner = r.partner and p.country_code = r.country_code
            and p.party_id = r.party_id and p.cdr_id = r.id
    where r.rating_hash is distinct from coalesce(p.rating_hash, md5('/'))
)
select c.rowid as n
from core.cdrs as c
join known as k
    on k.partner = c.partner and k.country_code = c.country_code
        and k.party_id = c.party_id and k.id = c.id
