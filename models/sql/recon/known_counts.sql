-- How many CDRs came on pages that the last reconciliation had seen, and how many it judged.
select
    (
        select count(*) from core.cdrs as c
        where c.page_id not in (
                select split_part(n.value, '|', 1) from recon_inputs_new as n where n.source = 'core.cdrs'
            )
    ) as known,
    (select count(*) from recon.cdrs) as judged
