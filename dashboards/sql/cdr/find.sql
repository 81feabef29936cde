-- CDRs whose id, or whose session's id, is the one asked for; the case of letters says nothing.
select
    r.partner, r.country_code, r.party_id, r.id, c.session_id, c.end_at, r.verdict, r.currency,
    r.claimed_excl_vat
from recon.cdrs as r
inner join core.cdrs as c
    on r.partner = c.partner and r.country_code = c.country_code
        and r.party_id = c.party_id and r.id = c.id
where lower($asked) in (lower(c.id), lower(c.session_id))
order by r.partner, r.country_code, r.party_id, r.id
