-- Ended sessions that no CDR bills yet, and CDRs that state no total.
select
    count(*) filter (where kind = 'session' and outcome <> 'invalid') as unbilled_count,
    coalesce(sum(energy_kwh) filter (where kind = 'session' and outcome <> 'invalid'), 0)
        as unbilled_kwh,
    count(*) filter (where kind = 'cdr' and counts and cost_excl_vat is null) as unstated_count,
    count(*) filter (where place = 'unlisted' and counts) as unlisted_count
from charges_at($places)
