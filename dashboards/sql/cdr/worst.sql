-- CDRs whose claim is contested, as in the queue of disputes: where to begin looking.
with billed as (
    select distinct
        partner, country_code, party_id, cdr_country_code, cdr_party_id, cdr_id
    from settle.statement_lines
)

select
    r.partner, r.country_code, r.party_id, r.id, r.verdict, d.reason_code as cause, d.state,
    d.currency, d.contested_excl_vat, r.claimed_excl_vat, r.expected_excl_vat
from settle.disputes as d
join billed as b
    on d.partner = b.partner and d.country_code = b.country_code and d.party_id = b.party_id
        and d.subject_id = b.cdr_id
join recon.cdrs as r
    on b.partner = r.partner and b.cdr_country_code = r.country_code
        and b.cdr_party_id = r.party_id and b.cdr_id = r.id
where d.subject = 'cdr' and d.contested_excl_vat <> 0
    and ($partner is null or d.partner = $partner)
order by abs(d.contested_excl_vat) desc, d.dispute_id
