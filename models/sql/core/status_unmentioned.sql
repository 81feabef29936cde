-- A complete list of changes does not mention what did not change: it was seen until the pull began.
-- A location that is mentioned speaks for its EVSEs itself: one that it leaves out was not seen.
-- What the list mentioned but we could not read is left alone.
update core.evse_status as c
set observed_until_at = greatest(c.observed_until_at, $started_at)
where c.partner = $partner
    and ($party is null or c.country_code || '/' || c.party_id = $party)
    and c.to_at is null
    and not exists (
        select 1
        from staged_locations as s
        where s.country_code = c.country_code
            and s.party_id = c.party_id
            and lower(s.id) = lower(c.location_id)
    )
    and not exists (
        select 1 from staged_quarantine as q where lower(q.object_id) = lower(c.location_id)
    )
    and not exists (
        select 1
        from staged_quarantine as q
        where lower(q.object_id) = lower(c.location_id || '/' || c.evse_uid)
    )
