-- When the newest page in the snapshot was fetched.
select max(fetched_at) as as_of_at
from ops.pages
