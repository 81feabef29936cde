-- settle_credits_before: what credit notes settled of CDRs as lines were made.
create or replace temp table settle_credits_before as
select partner, cdr_country_code, cdr_party_id, cdr_id, sum(credited_excl_vat) as credited_excl_vat
from settle.invoice_cdrs
where credited_excl_vat > 0
group by all
