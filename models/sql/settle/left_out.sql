-- CDRs that are in no statement, by the reason why. Each CDR has one line of its own kind at most.
with claimed as (
    select partner, count(*) as cdrs from core.cdrs group by partner
),

stated as (
    select partner, count(*) as cdrs
    from settle.statement_lines
    where kind = 'cdr'
    group by partner
)

select
    c.partner,
    case when t.partner is null then 'partner is not in the partners file'
        else 'reconciliation has no verdict on it yet'
    end as reason,
    c.cdrs - coalesce(s.cdrs, 0) as cdrs
from claimed as c
left join stated as s on c.partner = s.partner
left join settle_terms as t on c.partner = t.partner
where c.cdrs > coalesce(s.cdrs, 0)
order by all
