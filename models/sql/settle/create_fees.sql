-- settle_fees: what each statement of an open month that was touched owes in agreed fees, for its CDRs
-- but credits and those that are rejected. A fee is a line of its own, with an id in place of a CDR's.
create or replace temp table settle_fees as
with charged as (
    select
        l.*, m.name, m.amount_excl_vat as price, m.vat_rate as fee_rate,
        m.amount_excl_vat * case when m.name = 'energy_fee' then l.energy_kwh else 1 end as fee
    from settle.statement_lines as l
    semi join settle_touched as k on l.partner = k.partner and l.month = k.month
    anti join settle_locked as s on l.partner = s.partner and l.month = s.month
    inner join core.cdrs as c
        on l.partner = c.partner and l.cdr_country_code = c.country_code
            and l.cdr_party_id = c.party_id and l.cdr_id = c.id
    inner join agreement_matches() as m on c.rowid = m.n and l.currency = m.currency
    where m.kind = 'cdr' and m.name <> 'price' and l.kind = 'cdr' and not l.credit and l.verdict <> 'rejected'
        and l.direction = 'payable' and l.section = 'roaming'
),

summed as (
    select
        partner, country_code, party_id, month, currency, direction, section,
        name, price, fee_rate,
        count(*) as charges,
        sum(energy_kwh) as energy_kwh,
        sum(fee) as fee,
        max(basis_at) as basis_at,
        arg_max(fx_quote, (basis_at, cdr_id)) as fx_quote,
        arg_max(fx_reporting_quote, (basis_at, cdr_id)) as fx_reporting_quote,
        arg_max(fx_date, (basis_at, cdr_id)) as fx_date
    from charged
    group by all
)

select
    f.* exclude (fee),
    -- Where one price is agreed at several rates, each is a line of its own.
    f.name || ' ' || f.month || ' ' || rtrim(rtrim(cast(f.price as varchar), '0'), '.') || ' '
    || f.currency
    || case when count(*) over same_price = 1 then ''
        else coalesce(' ' || printf('%.2f', f.fee_rate) || ' %', ' no rate')
    end as fee_id,
    round_to_minor_unit(f.fee, u.decimals) as amount,
    case
        when t.reverse_charge then 'reverse_charge'
        when f.fee_rate is null then 'unknown'
        else printf('%.2f', f.fee_rate)
    end as vat_bucket,
    case when not t.reverse_charge then f.fee_rate end as vat_rate,
    u.decimals
from summed as f
inner join settle_month_terms as t
    on f.partner = t.partner and f.month >= t.from_month and f.month < t.until_month
left join settle_minor_units as u on f.currency = u.currency
where f.fee <> 0
window same_price as (
    partition by f.partner, f.country_code, f.party_id, f.month, f.currency, f.name, f.price
)
