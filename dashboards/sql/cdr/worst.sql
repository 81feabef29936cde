-- CDRs whose claim is contested, as in the queue of disputes: where to begin looking. The first $most
-- of them (null: all), and beside each how many there are.
select
    r.partner, r.id, d.contested_excl_vat, d.currency, r.verdict, d.reason_code as cause, d.state,
    r.claimed_excl_vat, r.expected_excl_vat, r.country_code, r.party_id,
    count(*) over () as row_count
from settle.disputes as d
join recon.cdrs as r
    on d.partner = r.partner and d.subject_country_code = r.country_code
        and d.subject_party_id = r.party_id and d.subject_id = r.id
where d.subject = 'cdr' and d.contested_excl_vat <> 0
    and ($partner is null or d.partner = $partner)
order by abs(d.contested_excl_vat) desc, d.dispute_id
limit $most
