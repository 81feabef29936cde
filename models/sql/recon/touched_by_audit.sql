-- Adds the CDRs that turned out to have come one way only, or no longer.
insert into recon_touched
with audits as (
    select split_part(n.value, '|', 1) as cdr_key from recon_inputs_new as n where n.source = 'audit'
    union
    select split_part(g.value, '|', 1) from recon_inputs_gone as g where g.source = 'audit'
)
select c.rowid as n
from core.cdrs as c
where concat_ws('/', c.partner, c.country_code, c.party_id, lower(c.id)) in (
        select p.cdr_key from audits as p
    )
