-- The tariff ids that the charging periods of each CDR name, lower case. Looked up for every CDR
-- in every run: what its periods repeat goes first, by keys that lie as they were compressed.
create or replace temp table period_tariff_ids as
with named as (
    select distinct p.partner, p.country_code, p.party_id, p.cdr_id, p.tariff_id
    from core.charging_periods as p
)
select distinct c.rowid as cdr_number, lower(n.tariff_id) as tariff_id
from named as n
join core.cdrs as c
    on c.partner = n.partner
        and c.country_code = n.country_code
        and c.party_id = n.party_id
        and c.id = n.cdr_id
where n.tariff_id is not null
