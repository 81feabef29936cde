-- The VAT of the lines of open months: for a CDR that a locked month holds, what is left to post.
insert into settle.line_vat by name
with booked as (
    select s.n, v.vat_country, v.vat_bucket, v.vat_rate, v.payable_excl_vat
    from settle.line_vat as v
    inner join settle_locked as m on v.partner = m.partner and v.month = m.month
    left join settle_superseded as x
        on v.partner = x.partner and v.cdr_country_code = x.country_code
            and v.cdr_party_id = x.party_id and v.cdr_id = x.id
    inner join settle_live as s
        on coalesce(x.by_partner, v.partner) = s.partner
            and v.cdr_country_code = s.cdr_country_code and v.cdr_party_id = s.cdr_party_id
            and coalesce(x.by_id, v.cdr_id) = s.cdr_id
),

every as (
    select n, vat_country, vat_bucket, vat_rate, payable_excl_vat
    from settle_live_vat
    where n in (select n from settle_kept)
    union all
    select n, vat_country, vat_bucket, vat_rate, -payable_excl_vat
    from booked
),

remaining as (
    select n, vat_country, vat_bucket, vat_rate, payable_excl_vat
    from settle_live_vat
    where n not in (select n from settle_kept)
    union all
    select
        n, vat_country, vat_bucket, vat_rate,
        cast(sum(payable_excl_vat) as decimal(18, 6)) as payable_excl_vat
    from every
    group by all
)

select
    o.partner, o.cdr_country_code, o.cdr_party_id, o.cdr_id, o.month,
    r.vat_country, r.vat_bucket, r.vat_rate, r.payable_excl_vat
from remaining as r
inner join settle_open as o on r.n = o.n
where r.payable_excl_vat <> 0
