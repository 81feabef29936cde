-- Every change of status that a pull of pushes tells of, in the order in which it happened: a list
-- shows an EVSE once, pushes show each change. Copies that came late say nothing, and of changes at
-- one instant the last one counts.
--   open_row  the interval that the first of an EVSE's changes ends, if one runs
--   from_at   the EVSE's own `last_updated`, where it lies after what we knew
--   to_at     when the next change came; null: none did
create or replace temp table status_changes as
with
latest as (
    select
        c.country_code, c.party_id, c.location_id, c.evse_uid, c.status, c.from_at, c.to_at,
        c.rowid as interval_row
    from core.evse_status as c
    where c.partner = $partner and c.evse_uid in (select i.uid from incoming_evses as i)
    qualify row_number() over (
            partition by c.country_code, c.party_id, c.location_id, c.evse_uid order by c.from_at desc
        ) = 1
),
copies as (
    select
        i.partner, i.country_code, i.party_id, i.location_id, i.uid as evse_uid, i.canonical_evse,
        s.status, s.fetched_at, s.page_id, s.staged_row,
        case when l.to_at is null then l.interval_row end as open_row,
        case when l.to_at is null then l.status end as open_status,
        least(s.last_updated_at, s.fetched_at) as from_at
    from staged_evses as s
    inner join incoming_evses as i
        on i.country_code = s.country_code
            and i.party_id = s.party_id
            and lower(i.location_id) = lower(s.location_id)
            and lower(i.uid) = lower(s.uid)
    left join latest as l
        on l.country_code = i.country_code
            and l.party_id = i.party_id
            and l.location_id = i.location_id
            and l.evse_uid = i.uid
    where s.last_updated_at > timestamptz '2000-01-01 00:00:00+00'
        and (i.known_last_updated_at is null or s.last_updated_at >= i.known_last_updated_at)
        and (l.from_at is null or s.last_updated_at > l.from_at)
        and (l.to_at is null or s.last_updated_at >= l.to_at)
    qualify row_number() over (
            partition by i.country_code, i.party_id, i.location_id, i.uid, s.last_updated_at
            order by s.page_id desc, s.staged_row desc
        ) = 1
),
following as (
    select
        c.*,
        coalesce(lag(c.status) over in_order, c.open_status) as status_before
    from copies as c
    window
        in_order as (
            partition by c.country_code, c.party_id, c.location_id, c.evse_uid
            order by c.from_at, c.page_id, c.staged_row
        )
)
select
    f.* exclude (open_row, open_status, status_before, staged_row),
    case when row_number() over in_order = 1 then f.open_row end as open_row,
    lead(f.from_at) over in_order as to_at
from following as f
where f.status is distinct from f.status_before
window
    in_order as (
        partition by f.country_code, f.party_id, f.location_id, f.evse_uid
        order by f.from_at, f.page_id, f.staged_row
    )
