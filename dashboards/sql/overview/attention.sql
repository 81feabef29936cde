-- What waits for a person, the most pressing first.
select kind, partner, subject, item_count, currency, amount_excl_vat
from mart.attention
order by
    case kind
        when 'partner_failing' then 0
        when 'dispute_overdue' then 1
        when 'dispute_unsent' then 2
        when 'tolerance_exceeded' then 3
        when 'month_unlocked' then 4
        when 'dispute_undecided' then 5
        when 'objects_refused' then 6
        else 7
    end,
    subject desc, amount_excl_vat desc nulls last, partner
