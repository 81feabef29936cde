-- What EVSEs showed at the end of a day, against what they show now.
with then_shown as (
    select
        partner, country_code, party_id, location_id, evse_uid,
        any_value(status order by from_at desc) as status
    from core.evse_status
    where from_at <= cast($since as timestamptz)
        and (to_at is null or to_at > cast($since as timestamptz))
    group by all
),

compared as (
    select
        coalesce(t.status, 'NOT KNOWN') as status_then, e.status as status_now,
        case
            when t.status is null then 'not known then'
            when e.status in ('INOPERATIVE', 'OUTOFORDER')
                then if(t.status in ('INOPERATIVE', 'OUTOFORDER'), 'still out', 'went out')
            when t.status in ('INOPERATIVE', 'OUTOFORDER') then 'came back'
            else 'in service'
        end as what
    from matching_evses($places) as e
    left join then_shown as t
        on e.partner = t.partner and e.country_code = t.country_code
            and e.party_id = t.party_id and e.location_id = t.location_id and e.uid = t.evse_uid
)

select what, status_then, status_now, count(*) as evse_count
from compared
group by all
order by evse_count desc, status_then, status_now
