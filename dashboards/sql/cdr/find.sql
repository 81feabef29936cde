-- CDRs whose id, or whose session's id, is the one asked for.
select
    r.partner, r.country_code, r.party_id, r.id, c.session_id, c.end_at, r.verdict, r.currency,
    r.claimed_excl_vat
from recon.cdrs as r
inner join core.cdrs as c
    on r.partner = c.partner and r.country_code = c.country_code
        and r.party_id = c.party_id and r.id = c.id
where (c.id = $asked or c.session_id = $asked) and ($partner is null or c.partner = $partner)
order by r.partner, r.country_code, r.party_id, r.id
