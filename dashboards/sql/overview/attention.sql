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
    coalesce(
        list_position(
            [
                'partner_failing', 'removals_withheld', 'dispute_escalation', 'dispute_overdue',
                'dispute_unsent', 'dispute_undecided', 'tolerance_exceeded', 'month_unlocked',
                'sessions_in_doubt', 'numbers_missing', 'objects_refused'
            ],
            kind
        ),
        99
    ),
    item_count desc, currency
