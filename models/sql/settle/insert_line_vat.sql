-- The VAT of every line: of locked months as locked, of open ones what is left to post.
insert into settle.line_vat by name
with every as (
    select partner, cdr_country_code, cdr_party_id, cdr_id, vat_country, vat_bucket, vat_rate,
        payable_excl_vat
    from settle_live_vat
    union all
    select partner, cdr_country_code, cdr_party_id, cdr_id, vat_country, vat_bucket, vat_rate,
        -payable_excl_vat
    from settle_booked_vat
),

remaining as (
    select * exclude (payable_excl_vat), cast(sum(payable_excl_vat) as decimal(18, 6))
        as payable_excl_vat
    from every
    group by all
),

every_row as (
    select r.*, o.month
    from remaining as r
    inner join settle_open as o using (partner, cdr_country_code, cdr_party_id, cdr_id)
    where r.payable_excl_vat <> 0
    union all by name
    select * from settle_booked_vat
)

select * from every_row
