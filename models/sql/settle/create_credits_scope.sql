-- settle_scope: the CDRs that credit notes settle otherwise than as lines were made.
create or replace temp table settle_scope as
with credits as (
    select partner, cdr_country_code, cdr_party_id, cdr_id, sum(credited_excl_vat) as credited_excl_vat
    from settle.invoice_cdrs
    where credited_excl_vat > 0
    group by all
)

select c.rowid as n
from credits as a
full join settle_credits_before as b using (partner, cdr_country_code, cdr_party_id, cdr_id)
inner join core.cdrs as c
    on partner = c.partner and cdr_country_code = c.country_code
        and cdr_party_id = c.party_id and cdr_id = c.id
where a.credited_excl_vat is distinct from b.credited_excl_vat
