-- Statements of a month, or of a partner, or all, the newest month first; months that lie in the
-- future, because a CDR says so, come last.
select
    partner,
    country_code || '/' || party_id as party,
    month,
    case
        when section = 'home_charging' then 'home charging'
        when direction = 'receivable' then 'they owe us'
        else 'they charge us'
    end as what,
    cdr_count, currency, claimed_excl_vat, payable_excl_vat, disputed_excl_vat,
    rejected_excl_vat, expected_excl_vat, tolerated_difference_excl_vat, net_excl_vat, energy_kwh,
    status, unstated_count
from settle.statements
where ($month is null or month = $month) and ($partners is null or list_contains($partners, partner))
order by
    month > strftime(newest_page_at(null), '%Y-%m'), month desc, partner,
    cdr_count desc, country_code, party_id, currency, direction, section
