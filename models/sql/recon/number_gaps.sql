-- Facts about numbers that count up, at partners that push CDRs and never listed any: a list would
-- show what was lost on the way, there only the numbers of CDRs and invoices do. Those of one party
-- that share the text before the number are one row; whether they count up is the rule's to say.
with only_pushed as (
    select distinct p.partner
    from ops.pushes as p
    anti join (
        select q.partner from ops.pulls as q
        where q.module = 'cdrs' and q.status = 'complete' and q.mode not in ('push', 'send')
    ) as q on q.partner = p.partner
    where p.module = 'cdrs' and p.state = 'loaded'
),
named as (
    select c.partner, c.country_code, c.party_id, 'CDRs' as numbers_of, c.id as name
    from core.cdrs as c
    where c.partner in (select o.partner from only_pushed as o)
    union
    select c.partner, c.country_code, c.party_id, 'invoices', c.invoice_reference_id
    from core.cdrs as c
    where c.partner in (select o.partner from only_pushed as o)
    union
    select i.partner, i.country_code, i.party_id, 'invoices', i.invoice_id
    from core.invoices as i
    where i.partner in (select o.partner from only_pushed as o)
),
numbered as (
    select distinct
        n.partner, n.country_code, n.party_id, n.numbers_of,
        n.name,
        regexp_extract(n.name, '^(.*?)([0-9]{1,15})$', 1) as before,
        regexp_extract(n.name, '^(.*?)([0-9]{1,15})$', 2) as digits,
        try_cast(digits as bigint) as number
    from named as n
),
placed as (
    select
        n.*,
        lead(n.number) over (
            partition by n.partner, n.country_code, n.party_id, n.numbers_of, n.before
            order by n.number
        ) as next_number
    from numbered as n
    where n.number is not null
)
select
    p.partner, p.country_code, p.party_id,
    lower(p.numbers_of) || ' ' || p.before || '#' as subject_id,
    cast(null as varchar) as currency,
    p.numbers_of,
    arg_min(p.name, p.number) as first_number,
    arg_max(p.name, p.number) as last_number,
    count(distinct p.number) as number_count,
    max(p.number) - min(p.number) + 1 as span_count,
    max(p.number) - min(p.number) + 1 - count(distinct p.number) as gap_count,
    array_to_string(list_slice(list(
        p.before || lpad(
            cast(p.number + 1 as varchar),
            cast(greatest(length(p.digits), length(cast(p.number + 1 as varchar))) as integer), '0'
        ) order by p.number
    ) filter (where p.next_number > p.number + 1), 1, 3), ', ') as examples
from placed as p
group by p.partner, p.country_code, p.party_id, p.numbers_of, p.before
order by p.partner, p.country_code, p.party_id, p.numbers_of, p.before
