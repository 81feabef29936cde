-- What a pull says about the status of each EVSE, beside the latest interval we have of it.
-- Copies that arrived late say nothing: history is not written backwards. Only that an EVSE which had
-- gone is there again, as it was when last seen, such a copy tells too.
--   open_row  the interval that still runs, if one does
--   goes_on   whether it runs with the same status
--   from_at   since when the status holds, if it is a new one: the EVSE's own `last_updated` where
--             that moved and lies after what we knew (and in this century), else when we saw it;
--             a clock ahead of ours counts as now
create or replace temp table status_observed as
with named as (  -- a copy that arrived late leaves the EVSE named as we know it
    select
        i.partner, i.country_code, i.party_id, i.canonical_evse, i.status, i.merge_action,
        i.last_updated_at, i.known_last_updated_at, i.known_removed_at, i.fetched_at, i.page_id,
        if(i.merge_action = 'stale', i.known_location_id, i.location_id) as location_id,
        if(i.merge_action = 'stale', i.known_uid, i.uid) as evse_uid
    from incoming_evses as i
),
latest as (
    select
        c.location_id, c.evse_uid, c.country_code, c.party_id, c.rowid as interval_row, c.status,
        c.from_at, c.to_at
    from core.evse_status as c
    where c.partner = $partner
        and (
            c.to_at is null
            or c.evse_uid in (
                select i.evse_uid from named as i where i.known_removed_at is not null
            )
        )
    qualify row_number() over (
            partition by c.country_code, c.party_id, c.location_id, c.evse_uid order by c.from_at desc
        ) = 1
),
stated as (
    select
        i.partner, i.country_code, i.party_id, i.location_id, i.evse_uid, i.canonical_evse,
        case when i.merge_action = 'stale' then l.status else i.status end as status, i.fetched_at,
        i.page_id, l.from_at as known_from_at, l.to_at as known_to_at,
        case when l.to_at is null then l.interval_row end as open_row,
        l.to_at is null and l.status = i.status as goes_on,
        case
            when i.merge_action <> 'stale'
                and i.last_updated_at > timestamptz '2000-01-01 00:00:00+00'
                and (
                    l.from_at is null
                    or (
                        i.last_updated_at is distinct from i.known_last_updated_at
                        and i.last_updated_at > coalesce(l.to_at, l.from_at)
                    )
                )
                then least(i.last_updated_at, i.fetched_at)
            else i.fetched_at
        end as stated_from_at
    from named as i
    left join latest as l
        on l.country_code = i.country_code
            and l.party_id = i.party_id
            and l.location_id = i.location_id
            and l.evse_uid = i.evse_uid
    where i.merge_action <> 'stale' or (i.known_removed_at is not null and l.to_at is not null)
)
select
    s.partner, s.country_code, s.party_id, s.location_id, s.evse_uid, s.canonical_evse, s.status,
    s.fetched_at, s.page_id, s.open_row, coalesce(s.goes_on, false) as goes_on,
    greatest(s.stated_from_at, s.known_from_at + interval 1 microsecond, s.known_to_at) as from_at
from stated as s
