-- Places that opened or went since a day, and those that gained or lost EVSEs; what a party's first
-- complete list held was there before we looked. The first $most of them (null: all), and beside each
-- how many there are, opened and went, and how many EVSEs came and went: an EVSE that several places
-- list, once.
with first_looks as (
    select
        o.partner, o.country_code, o.party_id,
        min(coalesce(p.finished_at, p.started_at)) as looked_at
    from (select distinct partner, country_code, party_id from core.evses) as o
    join ops.pulls as p
        on o.partner = p.partner
            and (p.party is null or p.party = o.country_code || '/' || o.party_id)
    where p.module = 'locations' and p.status = 'complete'
    group by o.partner, o.country_code, o.party_id
),

changed as materialized (
    select
        e.partner, e.country_code, e.party_id, e.location_id, e.canonical_evse,
        e.first_seen_at > f.looked_at and e.first_seen_at >= cast($since as timestamptz) as came,
        coalesce(e.removed_at >= cast($since as timestamptz), false) as went,
        greatest(e.first_seen_at, e.removed_at) as changed_at
    from core.evses as e
    join first_looks as f
        on e.partner = f.partner and e.country_code = f.country_code and e.party_id = f.party_id
    where came or went
),

by_place as (
    select
        partner, country_code, party_id, location_id,
        count(distinct canonical_evse) filter (where came) as came_count,
        count(distinct canonical_evse) filter (where went) as went_count,
        max(changed_at) as changed_at
    from changed
    group by partner, country_code, party_id, location_id
),

found as materialized (
    select
        p.partner, p.country_code, p.party_id, p.location_id,
        case
            when l.removed_at >= cast($since as timestamptz) then 'gone'
            when l.first_seen_at > f.looked_at and l.first_seen_at >= cast($since as timestamptz)
                then 'opened'
            when p.went_count = 0 then 'grew'
            when p.came_count = 0 then 'shrank'
            else 'changed'
        end as what,
        coalesce(l.name, l.address, l.id) as location_name, l.city, l.operator_name as operator,
        p.came_count, p.went_count, p.changed_at
    from by_place as p
    join core.locations as l
        on p.partner = l.partner and p.country_code = l.country_code
            and p.party_id = l.party_id and p.location_id = l.id
    join first_looks as f
        on p.partner = f.partner and p.country_code = f.country_code and p.party_id = f.party_id
    where matches_place(
            l.partner, l.country_code, l.party_id, coalesce(l.country, 'unknown'),
            region_of(l.state, l.country, l.postal_code), coalesce(l.city, 'unknown'),
            coalesce(l.operator_name, 'unknown'), 'any',
            json_merge_patch(coalesce(cast($places as json), '{}'), '{"power": null}')
        )
        and coalesce(lies_within(l.latitude, l.longitude, $places), false)
),

counted as (
    select
        count(*) as row_count,
        count(*) filter (where what = 'opened') as opened_count,
        count(*) filter (where what = 'gone') as gone_count
    from found
),

counted_evses as (
    select
        count(distinct c.canonical_evse) filter (where c.came) as all_came_count,
        count(distinct c.canonical_evse) filter (where c.went) as all_went_count
    from changed as c
    semi join found as f
        on c.partner = f.partner and c.country_code = f.country_code
            and c.party_id = f.party_id and c.location_id = f.location_id
)

select f.*, n.*, e.*
from found as f
cross join counted as n
cross join counted_evses as e
order by f.changed_at desc, f.partner, f.country_code, f.party_id, f.location_id
limit $most
