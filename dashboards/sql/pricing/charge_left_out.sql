-- Connectors at which the charge cannot be made, or nobody knows whether it can.
select
    count(*) filter (where power_kw is null or power_kw <= 0) as power_unknown_count,
    count(*) filter (where power_kw > 0 and power_kw < cast($needed_kw as decimal(18, 9)))
        as too_weak_count
from matching_connectors($places)
