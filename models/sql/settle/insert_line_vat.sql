-- The VAT of the lines of open months: for a CDR that a locked month holds, what is left to post.
insert into settle.line_vat by name
with remaining as (
    select n, vat_country, vat_bucket, vat_rate, payable_excl_vat
    from settle_live_vat
    where n not in (select n from settle_kept) and payable_excl_vat <> 0
    union all
    select * from settle_vat_to_post
)

select
    o.partner, o.cdr_country_code, o.cdr_party_id, o.cdr_id, o.month,
    r.vat_country, r.vat_bucket, r.vat_rate, r.payable_excl_vat
from remaining as r
inner join settle_open as o on r.n = o.n
