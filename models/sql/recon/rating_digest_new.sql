-- The same of the prices of CDRs that came since the last reconciliation.
with fresh as (
    select c.partner, c.country_code, c.party_id, c.id
    from core.cdrs as c
    where c.page_id in (
            select split_part(n.value, '|', 1) from recon_inputs_new as n where n.source = 'core.cdrs'
        )
)
select
    cast(count(*) as bigint) as prices,
    coalesce(sum(hash(r.input_hash, r.source, r.cdr_id, r.partner)), 0) as digest
from rating.cdrs as r
join fresh as c
    on c.partner = r.partner and c.country_code = r.country_code
        and c.party_id = r.party_id and c.id = r.cdr_id
