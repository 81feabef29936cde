-- Takes out the periods of the CDRs that forgotten pages brought.
delete from core.charging_periods as d
where d.partner = $partner
    and exists (
        select 1
        from core.cdrs as c
        where c.partner = $partner
            and c.country_code = d.country_code
            and c.party_id = d.party_id
            and c.id = d.cdr_id
            and c.page_id in (select f.page_id from forgotten_pages as f)
    )
