-- The payable amounts of one partner's month by country and rate.
select
    country_code || '/' || party_id as party,
    case
        when section = 'home_charging' then 'home charging'
        when direction = 'receivable' then 'they owe us'
        else 'they charge us'
    end as what,
    vat_country, vat_bucket, cdr_count, currency, payable_excl_vat, vat_amount
from settle.statement_vat
where partner = $partner and month = $month
order by direction, section, country_code, party_id, currency, vat_country, vat_bucket
