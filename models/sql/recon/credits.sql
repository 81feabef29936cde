-- recon_credits: each credit with its original. The first that cancels it exactly is the one that
-- does; where none does, each counts for as long as they come to no more than the original together,
-- the first in any case (`is_honoured`). Together they take back no more energy than the original
-- states. Credits are few: they are all matched in every run.
create temp table recon_credits as
with credited_ids as (
    select distinct lower(k.credit_reference_id) as id_key from core.cdrs as k where k.credit
),
originals as (
    select c.rowid as n, c.*
    from core.cdrs as c
    where not c.credit and lower(c.id) in (select r.id_key from credited_ids as r)
),
matched as (
    select
        k.rowid as n,
        k.id,
        o.n as original_n,
        o.id as original_id,
        o.total_cost_excl_vat as original_excl_vat,
        -k.total_cost_excl_vat as credited_excl_vat,
        abs(k.total_energy_kwh) as stated_energy_kwh,
        abs(o.total_energy_kwh) as original_energy_kwh,
        o.n is not null
        and o.currency = k.currency
        -- What a negative price made the partner owe is taken back by a positive amount.
        and coalesce(
            k.total_cost_excl_vat <= 0 or k.total_cost_excl_vat = -o.total_cost_excl_vat, false
        ) as takes_off,
        o.total_cost_excl_vat = -k.total_cost_excl_vat
        and coalesce(o.total_cost_incl_vat = -k.total_cost_incl_vat, true) as is_same_amount,
        coalesce(k.last_updated_at, k.fetched_at) as made_at
    from core.cdrs as k
    left join originals as o
        on o.partner = k.partner
            and o.country_code = k.country_code
            and o.party_id = k.party_id
            and lower(o.id) = lower(k.credit_reference_id)
    where k.credit
    qualify row_number() over (
            partition by k.rowid order by o.id is distinct from k.credit_reference_id, o.id
        ) = 1
),
ordered as (
    select
        m.*,
        m.takes_off and coalesce(m.is_same_amount, false) as is_exact,
        row_number() over in_order as place,
        sum(case when m.takes_off then m.credited_excl_vat end) over in_order as together_excl_vat
    from matched as m
    window in_order as (
        partition by m.original_n
        order by not (m.takes_off and coalesce(m.is_same_amount, false)), not m.takes_off, m.made_at, m.id
    )
),
judged as (
    select
        o.*,
        o.takes_off and (
            o.place = 1
            or coalesce(not first.is_exact and o.together_excl_vat <= o.original_excl_vat, false)
        ) as is_honoured,
        first.n as first_n,
        first.id as first_id
    from ordered as o
    left join ordered as first on first.original_n = o.original_n and first.place = 1
)
select
    j.n,
    j.original_n,
    j.original_id,
    j.original_excl_vat,
    j.credited_excl_vat,
    j.is_exact,
    j.is_honoured,
    j.first_n,
    j.first_id,
    case when j.is_honoured then greatest(0, least(
                j.stated_energy_kwh,
                j.original_energy_kwh - coalesce(sum(j.stated_energy_kwh) over earlier, 0)
            ))
    end as taken_back_kwh
from judged as j
window earlier as (
    partition by j.original_n, j.is_honoured
    order by j.place rows between unbounded preceding and 1 preceding
)
