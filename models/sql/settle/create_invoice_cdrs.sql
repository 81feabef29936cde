-- invoice_cdrs: every CDR that partners with invoices charge us for, as all statements together have
-- it, with what an invoice may name it by and the VAT rates that are right for it.
create or replace temp table invoice_cdrs as
with partners as (
    select partner from invoice_heads
    union
    select partner from settle_renamed
),

taxed as (
    select
        v.cdr_partner as partner, v.cdr_country_code, v.cdr_party_id, v.cdr_id,
        list(distinct v.vat_rate order by v.vat_rate) filter (where v.vat_rate is not null) as rates
    from named_now('settle.line_vat') as v
    where v.partner in (select partner from partners)
    group by all
),

named as (
    -- What a partner claimed under a name that it has no more, or a locked month holds under that, is
    -- its own all the same.
    select
        coalesce(nullif(l.cdr_partner, l.partner), r.by_partner, l.partner) as account,
        l.*
    from named_now('settle.statement_lines') as l
    left join settle_renamed as r
        on l.partner = r.partner and l.cdr_country_code = r.country_code
            and l.cdr_party_id = r.party_id
    where l.partner in (select partner from partners)
        and l.direction = 'payable' and l.section = 'roaming'
),

claimed as (
    select
        l.account as partner, l.cdr_partner, l.country_code, l.party_id,
        l.cdr_country_code, l.cdr_party_id, l.cdr_id, l.currency,
        min(l.natural_month) as natural_month,
        min(l.month) as month,
        min(l.basis_at) as basis_at,
        min(l.vat_country) as vat_country,
        coalesce(sum(l.claimed_excl_vat), 0) as claimed_excl_vat,
        coalesce(sum(l.payable_excl_vat), 0) as payable_excl_vat
    from named as l
    where l.account in (select partner from invoice_heads)
    group by all
)

select
    row_number() over (
        order by l.partner, l.cdr_country_code, l.cdr_party_id, l.cdr_id, l.currency
    ) as c,
    l.* exclude (cdr_partner),
    greatest(
        t.tolerance_absolute,
        cast(t.tolerance_relative * abs(cast(l.claimed_excl_vat as decimal(24, 6))) as decimal(24, 6))
    ) as tolerance_excl_vat,
    cast(timezone(z.time_zone, l.basis_at) as date) as basis_on,
    left(lower(l.cdr_id), 36) as cdr_key,
    lower(c.session_id) as session_key,
    lower(c.invoice_reference_id) as invoice_key,
    evse_key(c.evse_id, c.country_code, c.party_id, c.location_id, c.evse_uid) as place_key,
    c.start_at,
    case
        when t.reverse_charge then [cast(0 as decimal(18, 6))]
        when v.rates is not null then v.rates
        when s.vat_rate is not null then [s.vat_rate]
    end as vat_rates
from claimed as l
inner join settle_terms as z on l.partner = z.partner
inner join settle_month_terms as t
    on l.partner = t.partner
        and l.natural_month >= t.from_month and l.natural_month < t.until_month
left join core.cdrs as c
    on l.cdr_partner = c.partner and l.cdr_country_code = c.country_code
        and l.cdr_party_id = c.party_id and l.cdr_id = c.id
left join taxed as v
    on l.cdr_partner = v.partner and l.cdr_country_code = v.cdr_country_code
        and l.cdr_party_id = v.cdr_party_id and l.cdr_id = v.cdr_id
left join settle_standard_rates as s
    on l.vat_country = s.country and cast(l.basis_at as date) >= s.first_on
        and cast(l.basis_at as date) < s.until_on
