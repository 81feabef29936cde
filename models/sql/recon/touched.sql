-- recon_touched: the CDRs that something changed for. First those that are new.
create temp table recon_touched as
select c.rowid as n
from core.cdrs as c
where c.page_id in (
        select split_part(x.value, '|', 1) from recon_inputs_new as x where x.source = 'core.cdrs'
    )
