-- What EVSEs showed at the end of a day, against what they show now. Of one that came later nobody knows
-- what it showed then, since when its partner may date its status.
with then_shown as (
    select
        s.partner, s.country_code, s.party_id, s.location_id, s.evse_uid,
        any_value(s.status order by s.from_at desc) as status
    from core.evse_status as s
    join core.evses as e
        on s.partner = e.partner and s.country_code = e.country_code and s.party_id = e.party_id
            and s.location_id = e.location_id and s.evse_uid = e.uid
    where s.from_at <= cast($since as timestamptz)
        and (s.to_at is null or s.to_at > cast($since as timestamptz))
        and e.first_seen_at <= cast($since as timestamptz)
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
