-- settle_credits_before: what credit notes settled of CDRs as lines were made.
create or replace temp table settle_credits_before as
select partner, country_code, party_id, id, credited_excl_vat from note_credits()
