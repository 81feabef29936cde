-- What is known of each EVSE's status until $as_of. Observed is what was looked at: the time from a
-- look at the EVSE to at most two hours after it; the rest of a gap between looks nobody observed,
-- even where both ends agree. A complete pull of the locations looks at every EVSE of its parties.
-- What lies before the first look is not observed: there the partner alone dates the status.
-- Live is what was pushed: an interval whose end a push told held until then; one that a push began and
-- that goes on holds until the newest push of its party. It counts so, and in no other way.
-- Of one location, where its key is given; $at_location null: of all.
create or replace macro status_spans(
    as_of, at_partner, at_country_code, at_party_id, at_location
) as table
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
        where p.module = 'locations' and p.status = 'complete' and p.mode not in ('push', 'send')
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

    last_pushes as (
        select partner, country_code, party_id, max(received_at) as told_until_at
        from ops.pushes
        where module = 'locations' and state = 'loaded'
        group by partner, country_code, party_id
    ),

    first_looks as (
        select
            partner, country_code, party_id, location_id, evse_uid,
            min(observed_from_at) as first_look_at
        from core.evse_status
        where (
            at_location is null
            or (
                partner = at_partner and country_code = at_country_code
                and party_id = at_party_id and location_id = at_location
            )
        )
        group by partner, country_code, party_id, location_id, evse_uid
    ),

    histories as (
        select
            i.partner, i.country_code, i.party_id, i.location_id, i.evse_uid, i.status,
            i.from_at, i.to_at, i.observed_from_at, i.observed_until_at,
            i.end_pushed or (i.to_at is null and contains(i.page_id, '.push.')) as is_live,
            t.told_until_at, f.first_look_at
        from core.evse_status as i
        join first_looks as f
            on i.partner = f.partner and i.country_code = f.country_code
                and i.party_id = f.party_id and i.location_id = f.location_id
                and i.evse_uid = f.evse_uid
        left join last_pushes as t
            on i.partner = t.partner and i.country_code = t.country_code and i.party_id = t.party_id
        where (
            at_location is null
            or (
                i.partner = at_partner and i.country_code = at_country_code
                and i.party_id = at_party_id and i.location_id = at_location
            )
        )
    ),

    live as (
        select
            partner, country_code, party_id, location_id, evse_uid, status, from_at,
            least(coalesce(to_at, greatest(observed_until_at, told_until_at)), as_of) as until_at,
            first_look_at
        from histories
        where is_live
    ),

    intervals as (
        select
            partner, country_code, party_id, location_id, evse_uid, status, from_at,
            -- What follows the newest look is no gap yet.
            least(
                if(to_at is null, observed_until_at, observed_until_at + interval 2 hours), to_at, as_of
            ) as until_at,
            observed_from_at, observed_until_at, first_look_at
        from histories
        where is_live is not true
    ),

    looks as (
        select distinct
            partner, country_code, party_id,
            unnest([observed_from_at, observed_until_at]) as look_at
        from intervals
    ),

    -- Looks by pulls that failed later, and by single pushes: no stretch holds them. Many EVSEs were
    -- looked at at once, so each time is held against the stretches once.
    lone_looks as (
        select l.*
        from looks as l
        asof left join stretches as s
            on l.partner = s.partner and l.country_code = s.country_code
                and l.party_id = s.party_id and l.look_at >= s.from_at
        where s.until_at is null or l.look_at >= s.until_at
    ),

    single_looks as (
        select i.*, l.look_at
        from intervals as i
        join lone_looks as l
            on i.partner = l.partner and i.country_code = l.country_code
                and i.party_id = l.party_id and i.observed_from_at = l.look_at
        union all
        select i.*, l.look_at
        from intervals as i
        join lone_looks as l
            on i.partner = l.partner and i.country_code = l.country_code
                and i.party_id = l.party_id and i.observed_until_at = l.look_at
        where i.observed_until_at <> i.observed_from_at
    ),

    parts as (
        select
            i.partner, i.country_code, i.party_id, i.location_id, i.evse_uid, i.status,
            true as observed, false as is_live,
            greatest(i.from_at, i.first_look_at, s.from_at) as from_at,
            least(i.until_at, s.until_at) as until_at
        from intervals as i
        join stretches as s
            on i.partner = s.partner and i.country_code = s.country_code
                and i.party_id = s.party_id and s.from_at < i.until_at and s.until_at > i.from_at
        union all by name
        select
            l.partner, l.country_code, l.party_id, l.location_id, l.evse_uid, l.status,
            true as observed, false as is_live,
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
            partner, country_code, party_id, location_id, evse_uid, status, true as observed,
            true as is_live, greatest(from_at, first_look_at) as from_at, until_at
        from live
        union all by name
        select
            partner, country_code, party_id, location_id, evse_uid, status, false as observed,
            false as is_live, from_at, least(until_at, first_look_at) as until_at
        from (
            select
                partner, country_code, party_id, location_id, evse_uid, status, from_at, until_at,
                first_look_at
            from intervals
            union all by name
            select * from live
        )
    )

    select * from parts where until_at > from_at
