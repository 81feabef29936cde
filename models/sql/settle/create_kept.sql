-- settle_kept: what locked months hold of the CDRs in scope, perhaps under the name that the partner
-- had before. Their rows are in the tables, as they were locked.
create or replace temp table settle_kept as
select
    s.n,
    bool_or(l.kind = 'cdr') as has_main,
    sum(l.energy_kwh) as energy_kwh,
    sum(l.claimed_excl_vat) as claimed_excl_vat,
    sum(l.payable_excl_vat) as payable_excl_vat,
    sum(l.disputed_excl_vat) as disputed_excl_vat,
    sum(l.rejected_excl_vat) as rejected_excl_vat,
    sum(l.expected_excl_vat) as expected_excl_vat,
    sum(l.expected_published_excl_vat) as expected_published_excl_vat,
    sum(l.expected_agreement_excl_vat) as expected_agreement_excl_vat,
    sum(l.conceded_excl_vat) as conceded_excl_vat,
    sum(l.settled_excl_vat) as settled_excl_vat,
    sum(l.claimed_incl_vat) as claimed_incl_vat
from named_now('settle.statement_lines') as l
inner join settle_locked as m on l.partner = m.partner and l.month = m.month
inner join settle_live as s
    on l.cdr_partner = s.partner and l.cdr_country_code = s.cdr_country_code
        and l.cdr_party_id = s.cdr_party_id and l.cdr_id = s.cdr_id
group by s.n
