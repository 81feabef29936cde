-- What was kept and is shown again is not missing any more.
delete from ops.removals_skipped as k
where k.partner = $partner
    and k.table_name = $table_name
    and (k.country_code, k.party_id, lower(k.object_id)) in (
        select s.country_code, s.party_id, lower(s.id) from staged_versions as s
    )
