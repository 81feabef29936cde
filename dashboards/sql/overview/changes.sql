-- What came in the day before the newest page, of each partner.
select partner, kind, change_count, since_at
from mart.changes
order by partner, kind
