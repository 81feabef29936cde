-- Adds the CDRs that new, changed or withdrawn invoice records list, or listed.
insert into recon_touched
with invoices as (
    select split_part(n.value, '|', 2) as invoice_id from recon_inputs_new as n where n.source = 'invoice'
    union
    select split_part(g.value, '|', 2) from recon_inputs_gone as g where g.source = 'invoice'
),
listed as (
    select i.partner, i.country_code, i.party_id, lower(left(unnest(i.cdr_ids), 36)) as cdr_key
    from core.invoices as i
    where i.invoice_id in (select v.invoice_id from invoices as v)
)
select c.rowid as n
from core.cdrs as c
join listed as l
    on l.partner = c.partner and l.country_code = c.country_code
        and l.party_id = c.party_id and l.cdr_key = left(lower(c.id), 36)
union all
select c.rowid as n
from recon.cdrs as r
join core.cdrs as c
    on c.partner = r.partner and c.country_code = r.country_code
        and c.party_id = r.party_id and c.id = r.id
where r.invoice_id in (select v.invoice_id from invoices as v)
