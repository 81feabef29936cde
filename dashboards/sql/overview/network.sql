-- What there is to charge at, whether it works now, and whether its price is known.
with connectors as (
    select
        count(*) as connector_count,
        count(distinct canonical_evse) as evse_count,
        count(*) filter (where status in ('AVAILABLE', 'CHARGING', 'RESERVED')) as working_count,
        count(*) filter (where status in ('INOPERATIVE', 'OUTOFORDER')) as out_count
    from matching_connectors(null)
),

prices as (
    select
        sum(connector_count) filter (where state = 'priced') / nullif(sum(connector_count), 0)
            as priced_share,
        sum(connector_count) filter (where has_known_tariff(reason))
        / nullif(sum(connector_count), 0) as resolved_share
    from mart.price_baskets
    where moment = 'noon' and idle_min = 0
)

select c.*, c.working_count / nullif(c.connector_count, 0) as working_share, p.*
from connectors as c
cross join prices as p
