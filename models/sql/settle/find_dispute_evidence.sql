-- Disputes with an amount, of a partner and perhaps a month, with the pages that they rest on.
select
    d.*,
    if(p.sha256 is null, [], [p.sha256]) as evidence
from settle.disputes as d
left join core.cdrs as c
    on d.partner = c.partner
        and d.subject_country_code = c.country_code and d.subject_party_id = c.party_id
        and case when d.subject in ('cdr', 'vat') then d.subject_id end = c.id
left join ops.pages as p on c.page_id = p.page_id
where d.partner = $partner and ($month is null or d.month = $month)
    and (d.contested_excl_vat <> 0 or coalesce(d.contested_vat, 0) <> 0)
order by abs(d.contested_excl_vat) desc, d.dispute_id
