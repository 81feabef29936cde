-- What was pushed and a complete pull should have listed, and did not.
update ops.push_audit as k
set unlisted_at = coalesce(k.unlisted_at, $started_at)
where k.partner = $partner
    and k.module = $module
    and ($party is null or k.country_code || '/' || k.party_id = $party)
    and k.last_pushed_at < $started_at
    and k.pulled_at is null
    and ($date_from_at is null or k.pushed_last_updated_at >= $date_from_at)
    and ($date_to_at is null or k.pushed_last_updated_at < $date_to_at)
