-- The charging periods of the CDRs that the given pages brought. Only the CDR's id is read of
-- periods that cannot be meant.
with
brought as (
    select d.partner, d.country_code, d.party_id, d.id
    from core.cdrs as d
    where d.page_id in (select unnest($page_ids::varchar[]))
),
candidates as (
    select p.rowid as candidate_row
    from core.charging_periods as p
    where p.cdr_id in (select b.id from brought as b)
)
select c.*
from core.charging_periods as c
where c.rowid in (select a.candidate_row from candidates as a)
    and exists (
        select 1
        from brought as b
        where b.partner = c.partner
            and b.country_code = c.country_code
            and b.party_id = c.party_id
            and b.id = c.cdr_id
    )
