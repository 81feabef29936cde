-- How many CDRs of one partner's month match.
select count(*) as line_count
from settle.statement_lines
where partner = $partner and month = $month
    and (len($verdicts::varchar[]) = 0 or list_contains($verdicts::varchar[], verdict))
    and ($cause is null or coalesce(cause, rules[1], 'none') = $cause)
