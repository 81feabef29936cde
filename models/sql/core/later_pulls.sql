-- Loaded pulls of the same list that are this one or come after it, latest first. A list of one
-- party behind a hub is part of the list of all parties.
select p.pull_id
from ops.pulls as p
where p.partner = $partner
    and p.module = $module
    and (p.party is null or $party is null or p.party = $party)
    and p.pull_id >= $pull_id
order by p.pull_id desc
