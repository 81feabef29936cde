-- What was kept and is shown again is not missing any more.
delete from ops.removals_skipped as k
where k.partner = $partner
    and (k.table_name, k.country_code, k.party_id, lower(k.object_id)) in (
        select 'core.locations', i.country_code, i.party_id, lower(i.id)
        from incoming_locations as i
        union all
        select 'core.evses', i.country_code, i.party_id, lower(i.location_id || '/' || i.uid)
        from incoming_evses as i
        union all
        select
            'core.connectors', i.country_code, i.party_id,
            lower(i.location_id || '/' || i.evse_uid || '/' || i.id)
        from incoming_connectors as i
    )
