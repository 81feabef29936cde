-- Notes how far a list is complete by now.
update ops.watermarks
set complete_until_at = $complete_until_at, full_at = $full_at, pull_id = $pull_id
where partner = $partner and module = $module and party = $party
