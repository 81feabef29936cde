-- What is known of each EVSE's status until $as_of. Observed is what was looked at: the time from a
-- look at the EVSE to at most two hours after it; the rest of a gap between looks nobody observed,
-- even where both ends agree. A complete pull of the locations looks at every EVSE of its parties.
-- What lies before the first look is not observed: there the partner alone dates the status.
create or replace macro status_spans(as_of) as table
    with
    owners as (
        select distinct partner, country_code, party_id
        from core.evse_status
    ),

    pulls as (
        select
            o.partner, o.country_code, o.party_id, p.started_at as from_at,
            coalesce(p.finished_at, p.started_at) + interval 2 hours as until_at
        from ops.pulls as p
        join owners as o
            on p.partner = o.partner
                and (p.party is null or p.party = o.country_code || '/' || o.party_id)
        where p.module = 'locations' and p.status = 'complete' and p.mode <> 'push'
    ),

    numbered as (
        select
            partner, country_code, party_id, from_at, until_at,
            count(*) filter (where begins) over (
                partition by partner, country_code, party_id order by from_at
            ) as stretch_number
        from (
            select
                *,
                coalesce(from_at > max(until_at) over (
                    partition by partner, country_code, party_id order by from_at
                    rows between unbounded preceding and 1 preceding
                ), true) as begins
            from pulls
        )
    ),

    stretches as (
        select
            partner, country_code, party_id, min(from_at) as from_at, max(until_at) as until_at
        from numbered
        group by partner, country_code, party_id, stretch_number
    ),

    intervals as (
        select
            partner, country_code, party_id, location_id, evse_uid, status, from_at,
            -- What follows the newest look is no gap yet.
            least(
                if(to_at is null, observed_until_at, observed_until_at + interval 2 hours), to_at, as_of
            ) as until_at,
            observed_from_at, observed_until_at,
            min(observed_from_at) over (
                partition by partner, country_code, party_id, location_id, evse_uid
            ) as first_look_at
        from core.evse_status
    ),

    -- Looks by pulls that failed later, and by pushes: no stretch holds them.
    single_looks as (
        select i.*
        from (
            select *, unnest([observed_from_at, observed_until_at]) as look_at
            from intervals
        ) as i
        asof left join stretches as s
            on i.partner = s.partner and i.country_code = s.country_code
                and i.party_id = s.party_id and i.look_at >= s.from_at
        where s.until_at is null or i.look_at >= s.until_at
    ),

    parts as (
        select
            i.partner, i.country_code, i.party_id, i.location_id, i.evse_uid, i.status,
            true as observed,
            greatest(i.from_at, i.first_look_at, s.from_at) as from_at,
            least(i.until_at, s.until_at) as until_at
        from intervals as i
        join stretches as s
            on i.partner = s.partner and i.country_code = s.country_code
                and i.party_id = s.party_id and s.from_at < i.until_at and s.until_at > i.from_at
        union all by name
        select
            l.partner, l.country_code, l.party_id, l.location_id, l.evse_uid, l.status,
            true as observed,
            greatest(l.from_at, l.look_at) as from_at,
            least(
                l.until_at, l.look_at + interval 2 hours, s.from_at,
                case when l.look_at < l.observed_until_at then l.observed_until_at end
            ) as until_at
        from single_looks as l
        asof left join stretches as s
            on l.partner = s.partner and l.country_code = s.country_code
                and l.party_id = s.party_id and l.look_at < s.from_at
        union all by name
        select
            partner, country_code, party_id, location_id, evse_uid, status, false as observed,
            from_at, least(until_at, first_look_at) as until_at
        from intervals
    )

    select * from parts where until_at > from_at
