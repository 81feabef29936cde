-- The sessions of each month that have no CDR, valued by the price that rating gives them, else by their
-- own cost, else by what the party charges for a kWh.
insert into settle.accruals by name
with means as (
    select
        o.partner, o.country_code, o.party_id, o.month,
        sum(l.claimed_excl_vat) / nullif(sum(l.energy_kwh), 0) as price_per_kwh,
        min(l.currency) as currency
    from (
        select distinct partner, country_code, party_id, month from settle_open_sessions
    ) as o
    inner join settle.statement_lines as l
        on o.partner = l.partner and o.country_code = l.country_code
            and o.party_id = l.party_id and l.direction = 'payable'
            and l.section = 'roaming' and l.kind = 'cdr' and not l.credit
            and l.verdict in ('agreed', 'tolerated', 'underclaimed', 'overclaimed')
            and l.month <= o.month
            and l.month >= strftime(cast(o.month || '-01' as date) - interval 2 month, '%Y-%m')
    group by o.partner, o.country_code, o.party_id, o.month
    having count(distinct l.currency) = 1
)

select
    p.partner, p.country_code, p.party_id, p.month, p.id as session_id, p.kind,
    coalesce(p.currency, x.currency, m.currency) as currency,
    p.start_at, p.end_at,
    cast(p.energy_kwh * p.share as decimal(18, 9)) as energy_kwh,
    case
        when x.source is not null then x.source
        when p.total_cost_excl_vat is not null then 'session'
        when m.price_per_kwh is not null and p.energy_kwh is not null
            and coalesce(p.currency, m.currency) = m.currency then 'mean'
        else 'unknown'
    end as basis,
    case
        when basis in ('session', 'published', 'agreement')
            then round_to_minor_unit(
                    cast(coalesce(x.expected_excl_vat, p.total_cost_excl_vat) * p.share as double),
                    u.decimals
                )
        when basis = 'mean'
            then round_to_minor_unit(p.energy_kwh * p.share * m.price_per_kwh, u.decimals)
    end as amount_excl_vat,
    p.cdr_id, p.actual_excl_vat
from settle_open_sessions as p
left join settle_session_prices as x on p.n = x.n
left join means as m
    on p.partner = m.partner and p.country_code = m.country_code
        and p.party_id = m.party_id and p.month = m.month
left join settle_minor_units as u on coalesce(p.currency, x.currency, m.currency) = u.currency
