-- CDRs whose claim is contested, as in the queue of disputes: where to begin looking. The first $most
-- of them (null: all), and beside each how many there are.
with contested as (
    select *
    from settle.disputes
    where subject = 'cdr' and contested_excl_vat <> 0
        and ($partner is null or partner = $partner)
),

billed as (
    select distinct
        l.partner, l.country_code, l.party_id, l.cdr_country_code, l.cdr_party_id, l.cdr_id
    from settle.statement_lines as l
    semi join contested as c
        on l.partner = c.partner and l.country_code = c.country_code and l.party_id = c.party_id
            and l.cdr_id = c.subject_id
)

select
    r.partner, r.id, d.contested_excl_vat, d.currency, r.verdict, d.reason_code as cause, d.state,
    r.claimed_excl_vat, r.expected_excl_vat, r.country_code, r.party_id,
    count(*) over () as row_count
from contested as d
join billed as b
    on d.partner = b.partner and d.country_code = b.country_code and d.party_id = b.party_id
        and d.subject_id = b.cdr_id
join recon.cdrs as r
    on b.partner = r.partner and b.cdr_country_code = r.country_code
        and b.cdr_party_id = r.party_id and b.cdr_id = r.id
order by abs(d.contested_excl_vat) desc, d.dispute_id
limit $most
