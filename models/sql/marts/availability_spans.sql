-- What is known of each EVSE's status, for a year: what was observed after our first look at the
-- EVSE, and before it what only the partner's own dates tell. Minutes after a status was last
-- seen, up to the next one, nobody observed.
create or replace temp table availability_spans as
with known as (
    select
        e.evse_number,
        e.group_number,
        case
            when e.hours_key in (select hours_key from availability_hours) then e.hours_key
            else ''
        end as hours_key,
        s.status,
        greatest(s.from_at, $as_of - interval 366 days) as from_at,
        least(s.observed_until_at, $as_of) as until_at,
        min(s.observed_from_at) over (partition by e.evse_number) as first_look_at
    from availability_places as e
    join core.evse_status as s
        on e.partner = s.partner and e.country_code = s.country_code
        and e.party_id = s.party_id and e.location_id = s.location_id and e.uid = s.evse_uid
),

parts as (
    select
        evse_number, group_number, hours_key, status, true as observed,
        greatest(from_at, first_look_at) as from_at, until_at
    from known
    union all by name
    select
        evse_number, group_number, hours_key, status, false as observed,
        from_at, least(until_at, first_look_at) as until_at
    from known
)

select * from parts where until_at > from_at
