-- invoice_units: lines of sums (n) and the CDRs (c) that they are about, unit by unit: by the rate where
-- each line has one of its own and the CDRs have the same rates, else all lines and all CDRs together.
create or replace temp table invoice_units as
with lines as (
    select r.i, r.n, r.vat_rate
    from invoice_rows as r
    where r.i in (select i from invoice_pools)
),

pools as (
    select p.i, p.c, p.is_repeated, c.vat_rates[1] as vat_rate
    from invoice_pools as p
    inner join invoice_cdrs as c on p.c = c.c
),

by_rate as (
    select i
    from (
        select
            i,
            count(*) as lines,
            count(distinct vat_rate) as rates,
            list_sort(list(distinct vat_rate)) as line_rates
        from lines
        group by i
    ) as l
    inner join (
        select i, list_sort(list(distinct vat_rate)) as cdr_rates, bool_and(vat_rate is not null) as known
        from pools
        group by i
    ) as p using (i)
    where l.lines = l.rates and l.lines > 1 and p.known and l.line_rates = p.cdr_rates
)

select l.i, l.n, p.c, p.is_repeated, l.i || '/' || l.n as unit
from lines as l
inner join by_rate as b on l.i = b.i
inner join pools as p on l.i = p.i and l.vat_rate = p.vat_rate
union all
select l.i, l.n, p.c, p.is_repeated, cast(l.i as varchar) as unit
from lines as l
anti join by_rate as b on l.i = b.i
inner join pools as p on l.i = p.i
where l.n = (select min(f.n) from lines as f where l.i = f.i)
