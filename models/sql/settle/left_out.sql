-- CDRs that are in no statement, by the reason why.
select
    c.partner,
    case when t.partner is null then 'partner is not in the partners file'
        else 'reconciliation has no verdict on it yet'
    end as reason,
    count(*) as cdrs
from core.cdrs as c
left join settle_terms as t on c.partner = t.partner
where not exists (
    select 1 from settle.statement_lines as l
    where l.partner = c.partner and l.cdr_country_code = c.country_code
        and l.cdr_party_id = c.party_id and l.cdr_id = c.id
)
group by all
order by all
