-- Notes how far a list is complete that was not before.
insert into ops.watermarks (partner, module, party, complete_until_at, full_at, pull_id)
values ($partner, $module, $party, $complete_until_at, $full_at, $pull_id)
