-- settle_scope: the CDRs that credit notes settle otherwise than as lines were made.
create or replace temp table settle_scope as
select c.rowid as n
from note_credits() as a
full join settle_credits_before as b using (partner, country_code, party_id, id)
inner join core.cdrs as c using (partner, country_code, party_id, id)
where a.credited_excl_vat is distinct from b.credited_excl_vat
