-- What waits for a person, the most pressing first.
select
    kind,
    sum(item_count) as item_count,
    string_agg(distinct partner, ', ' order by partner) as partners,
    nullif(currency, '*') as currency,
    sum(amount_excl_vat) as amount_excl_vat
from mart.attention
group by kind, nullif(currency, '*')
order by
    case kind
        when 'partner_failing' then 0
        when 'dispute_escalation' then 1
        when 'dispute_overdue' then 2
        when 'dispute_unsent' then 3
        when 'dispute_undecided' then 4
        when 'tolerance_exceeded' then 5
        when 'month_unlocked' then 6
        when 'sessions_in_doubt' then 7
        when 'numbers_missing' then 8
        when 'objects_refused' then 9
        else 10
    end,
    item_count desc, currency
