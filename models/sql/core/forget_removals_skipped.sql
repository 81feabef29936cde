-- Takes out what was kept until now, of the tables and the party that a complete list answers for.
delete from ops.removals_skipped as k
where k.partner = $partner
    and k.module = $module
    and k.table_name in (select unnest($tables::varchar[]))
    and ($party is null or k.country_code || '/' || k.party_id = $party)
