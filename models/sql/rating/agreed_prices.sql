-- The agreed prices of each CDR: a tariff of their own, or a discount on the published ones.
create or replace temp table agreed_prices as
select
    m.n as cdr_number,
    m.position,
    m.tariff,
    m.discount,
    md5_number_lower(coalesce(m.tariff, m.discount::varchar)) as digest,
    count(*) over (partition by m.n) = 1 and m.discount is null as is_only
from agreement_matches() as m
where m.kind = 'cdr' and m.name = 'price'
