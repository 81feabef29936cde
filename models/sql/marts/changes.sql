-- What came in the day before the newest page.
insert into mart.changes by name
with events as (
    select partner, 'cdrs' as kind, fetched_at as happened_at from core.cdrs
    union all select partner, 'sessions', fetched_at from core.sessions
    union all select partner, 'locations_added', first_seen_at from core.locations
    union all select partner, 'locations_removed', removed_at from core.locations
    union all select partner, 'evses_added', first_seen_at from core.evses
    union all select partner, 'evses_removed', removed_at from core.evses
    union all select partner, 'tariff_versions', fetched_at from core.tariffs
    union all select partner, 'quarantined', fetched_at from core.quarantine
    union all select partner, 'conflicts', fetched_at from core.cdr_conflicts
    union all select partner, 'decisions', changed_at from settle.disputes
)

select partner, kind, count(*) as change_count, $as_of - interval 24 hours as since_at
from events
where happened_at > $as_of - interval 24 hours
group by partner, kind
order by partner, kind
