-- What was charged in a month and in the month before it, by what has a price of its own: a party's
-- charges in a country, AC or DC.
select
    l.currency, l.partner, l.country_code, l.party_id, l.vat_country,
    coalesce(c.connector_power_type = 'DC', false) as is_dc,
    count(*) filter (where l.month = $month) as cdrs,
    sum(l.energy_kwh) filter (where l.month = $month) as energy_kwh,
    sum(l.claimed_excl_vat) filter (where l.month = $month) as claimed_excl_vat,
    sum(l.disputed_excl_vat + l.rejected_excl_vat) filter (where l.month = $month)
        as contested_excl_vat,
    count(*) filter (where l.month < $month) as before_cdrs,
    sum(l.energy_kwh) filter (where l.month < $month) as before_energy_kwh,
    sum(l.claimed_excl_vat) filter (where l.month < $month) as before_claimed_excl_vat,
    sum(l.disputed_excl_vat + l.rejected_excl_vat) filter (where l.month < $month)
        as before_contested_excl_vat
from settle.statement_lines as l
left join core.cdrs as c
    on l.partner = c.partner and l.cdr_country_code = c.country_code
        and l.cdr_party_id = c.party_id and l.cdr_id = c.id
where l.kind = 'cdr' and l.direction = 'payable' and l.section = 'roaming'
    and ($partner is null or l.partner = $partner)
    and l.month in ($month, strftime(cast($month || '-01' as date) - interval 1 month, '%Y-%m'))
group by all
order by all
