-- settle_live_vat: the payable amount of each CDR by VAT bucket. Several rates share it by weight,
-- exactly: each takes its share cut to a millionth, and the heaviest takes what is left.
create or replace temp table settle_live_vat as
with terms as (
    select s.n, t.reverse_charge
    from settle_live as s
    inner join settle_month_terms as t
        on s.partner = t.partner
            and s.natural_month >= t.from_month and s.natural_month < t.until_month
),

rates as (
    select r.*
    from settle_rates as r
    where r.n in (select n from terms where not reverse_charge)
),

shares as (
    select
        s.n,
        s.vat_country,
        case
            when t.reverse_charge then 'reverse_charge'
            when r.rate is null then 'unknown'
            else printf('%.2f', r.rate)
        end as vat_bucket,
        r.rate as vat_rate,
        s.payable_excl_vat,
        r.weight,
        coalesce(r.rates, 1) as rates
    from settle_live as s
    inner join terms as t on s.n = t.n
    left join rates as r on s.n = r.n
    where s.payable_excl_vat <> 0
),

cut as (
    select
        *,
        from_micro(
            micro(payable_excl_vat) * micro(weight) // micro(sum(weight) over cdr)
        ) as share,
        row_number() over (partition by n order by weight desc, vat_bucket) as rank
    from shares
    where rates > 1
    window cdr as (partition by n)
)

select
    n,
    vat_country,
    vat_bucket,
    vat_rate,
    cast(
        case when rank = 1
                then share + payable_excl_vat - sum(share) over (partition by n)
            else share
        end as decimal(18, 6)
    ) as payable_excl_vat
from cut
union all by name
select n, vat_country, vat_bucket, vat_rate, payable_excl_vat
from shares
where rates = 1
