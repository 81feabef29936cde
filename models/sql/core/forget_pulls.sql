-- Takes out the pulls whose pages were forgotten.
delete from ops.pulls as p
where p.partner = $partner
    and p.module = $module
    and ($since is null or p.started_at >= $since)
