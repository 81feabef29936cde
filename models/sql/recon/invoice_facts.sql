-- Facts about each current invoice record: the CDRs on it that we do not have, those listed before,
-- and what the rest claim, beside the invoice's amount where one was given to us.
with listed as (
    select
        l.partner, l.country_code, l.party_id, l.record_id, l.invoice_id, l.cdr_id, l.place,
        c.id as known_id, c.total_cost_excl_vat, c.currency
    from recon_invoice_entries as l
    left join core.cdrs as c
        on c.partner = l.partner and c.country_code = l.country_code
            and c.party_id = l.party_id and lower(left(c.id, 36)) = l.cdr_key
),
totals as (
    select l.partner, l.country_code, l.party_id, l.invoice_id, sum(l.total_cost_excl_vat) as excl_vat
    from listed as l
    where l.place = 1
    group by l.partner, l.country_code, l.party_id, l.invoice_id
)
select
    l.partner, l.country_code, l.party_id, l.record_id as subject_id,
    coalesce(min(a.currency), min(l.currency)) as currency,
    count(*) filter (where l.known_id is null) as unknown_count,
    array_to_string(list_slice(list_sort(list(l.cdr_id) filter (where l.known_id is null)), 1, 3), ', ') as unknown_ids,
    min(l.cdr_id) filter (where l.known_id is null) as first_unknown_id,
    count(*) filter (where l.place > 1) as repeated_count,
    array_to_string(list_slice(list_sort(list(l.cdr_id) filter (where l.place > 1)), 1, 3), ', ') as repeated_ids,
    min(l.cdr_id) filter (where l.place > 1) as first_repeated_id,
    min(t.excl_vat) as listed_excl_vat,
    min(a.amount_excl_vat) as invoice_excl_vat
from listed as l
left join totals as t
    on t.partner = l.partner and t.country_code = l.country_code
        and t.party_id = l.party_id and t.invoice_id = l.invoice_id
left join recon_invoice_amounts as a on a.partner = l.partner and a.invoice_id = l.invoice_id
group by l.partner, l.country_code, l.party_id, l.record_id
order by l.partner, l.country_code, l.party_id, l.record_id
