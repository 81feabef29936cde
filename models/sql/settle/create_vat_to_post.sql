-- settle_vat_to_post: of the CDRs in scope that locked months hold, the VAT that those do not hold yet.
create or replace temp table settle_vat_to_post as
with booked as (
    select s.n, v.vat_country, v.vat_bucket, v.vat_rate, v.payable_excl_vat
    from named_now('settle.line_vat') as v
    inner join settle_locked as m on v.partner = m.partner and v.month = m.month
    inner join settle_live as s
        on v.cdr_partner = s.partner and v.cdr_country_code = s.cdr_country_code
            and v.cdr_party_id = s.cdr_party_id and v.cdr_id = s.cdr_id
),

every as (
    select n, vat_country, vat_bucket, vat_rate, payable_excl_vat
    from settle_live_vat
    where n in (select n from settle_kept)
    union all
    select n, vat_country, vat_bucket, vat_rate, -payable_excl_vat
    from booked
)

select
    n, vat_country, vat_bucket, vat_rate,
    cast(sum(payable_excl_vat) as decimal(18, 6)) as payable_excl_vat
from every
group by all
having sum(payable_excl_vat) <> 0
