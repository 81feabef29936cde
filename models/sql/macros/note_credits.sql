-- What credit notes settle of each CDR, as the last matching of invoices found it.
create or replace macro note_credits() as table
    select
        partner, cdr_country_code as country_code, cdr_party_id as party_id, cdr_id as id,
        sum(credited_excl_vat) as credited_excl_vat
    from settle.invoice_cdrs
    where credited_excl_vat > 0
    group by all
