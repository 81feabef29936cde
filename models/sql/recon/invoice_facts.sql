-- Facts about each current invoice record: the CDRs on it that we do not have, and those listed
-- before.
with listed as (
    select
        l.partner, l.country_code, l.party_id, l.record_id, l.invoice_id, l.cdr_id, l.place,
        c.id as known_id, c.currency
    from recon_invoice_entries as l
    left join core.cdrs as c
        on c.partner = l.partner and c.country_code = l.country_code
            and c.party_id = l.party_id and lower(left(c.id, 36)) = l.cdr_key
)
select
    l.partner, l.country_code, l.party_id, l.record_id as subject_id,
    min(l.currency) as currency,
    count(*) filter (where l.known_id is null) as unknown_count,
    array_to_string(list_slice(list_sort(list(l.cdr_id) filter (where l.known_id is null)), 1, 3), ', ') as unknown_ids,
    min(l.cdr_id) filter (where l.known_id is null) as first_unknown_id,
    count(*) filter (where l.place > 1) as repeated_count,
    array_to_string(list_slice(list_sort(list(l.cdr_id) filter (where l.place > 1)), 1, 3), ', ') as repeated_ids,
    min(l.cdr_id) filter (where l.place > 1) as first_repeated_id
from listed as l
group by l.partner, l.country_code, l.party_id, l.record_id
order by l.partner, l.country_code, l.party_id, l.record_id
