-- What is contested by root cause and age, in one currency; the largest causes first.
with aged as (
    select
        coalesce(reason_code, 'unknown') as reason_code,
        case
            when age_days is null then 'unknown'
            when age_days <= 30 then '0 to 30 days'
            when age_days <= 60 then '31 to 60 days'
            when age_days <= 90 then '61 to 90 days'
            else 'over 90 days'
        end as age,
        count(*) as dispute_count,
        any_value(currency) as currency,
        sum(contested_excl_vat) as contested_excl_vat
    from settle.disputes
    where currency = $currency and contested_excl_vat <> 0
        and ($partners is null or list_contains($partners, partner))
        and ($month is null or month = $month)
    group by all
)

select
    reason_code, age, dispute_count, currency, contested_excl_vat,
    dense_rank() over (order by total desc, reason_code) as place
from (
    select
        reason_code, age, dispute_count, currency, contested_excl_vat,
        sum(abs(contested_excl_vat)) over (partition by reason_code) as total
    from aged
)
order by place, age
