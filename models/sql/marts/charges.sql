-- What our drivers charged: CDRs that are not rejected, and ended sessions that none bills, each with
-- its place. Where no location lists the EVSE, the CDR's own words about the place stand in. A session
-- called INVALID that was billed all the same, and rejected for it, is an attempt that failed.
insert into mart.charges by name
with billed as (
    select
        c.partner, c.country_code, c.party_id, 'cdr' as kind, c.id,
        not c.credit and r.replaced_by_id is null as counts,
        c.start_at, c.end_at, c.location_id, c.evse_uid,
        coalesce(c.location_name, c.address) as location_name, c.city,
        region_of(null, c.country, c.postal_code) as region, c.country,
        r.energy_kwh, r.currency,
        r.payable_excl_vat + r.disputed_excl_vat as cost_excl_vat, r.payable_excl_vat,
        false as invalid, c.token_uid, c.contract_id
    from core.cdrs as c
    join recon.cdrs as r
        on c.partner = r.partner and c.country_code = r.country_code
            and c.party_id = r.party_id and c.id = r.id
    where r.verdict <> 'rejected' and not c.home_charging_compensation
),

unbilled as (
    select
        s.partner, s.country_code, s.party_id, 'session' as kind, s.id, true as counts,
        s.start_at, s.end_at, s.location_id, s.evse_uid,
        s.energy_kwh, s.status = 'INVALID' as invalid, s.token_uid, s.contract_id
    from core.sessions as s
    left join (
        select
            partner, country_code, party_id, lower(session_id) as session_key,
            bool_and(verdict = 'rejected') as rejected
        from recon.cdrs
        where session_id is not null
        group by all
    ) as b
        on s.partner = b.partner and s.country_code = b.country_code
            and s.party_id = b.party_id and lower(s.id) = b.session_key
    where s.status in ('COMPLETED', 'INVALID')
        and (b.session_key is null or (s.status = 'INVALID' and b.rejected))
        and s.start_at is not null and s.end_at is not null
),

placed as (
    select
        c.* exclude (location_name, city, region, country),
        k.canonical_evse,
        case
            when e.canonical_evse is null then 'unlisted'
            when e.removed_at is not null then 'gone'
            else 'listed'
        end as place,
        coalesce(e.location_name, c.location_name, c.location_id, 'unknown')
            as location_name,
        coalesce(nullif(e.city, 'unknown'), c.city, 'unknown') as city,
        coalesce(nullif(e.region, 'unknown'), c.region, 'unknown') as region,
        coalesce(nullif(e.country, 'unknown'), c.country, 'unknown') as country,
        coalesce(e.operator, 'unknown') as operator,
        coalesce(e.power_class, 'unknown') as power_class,
        case
            when c.invalid then 'invalid'
            when c.end_at - c.start_at < interval 2 minutes then 'short'
            when coalesce(c.energy_kwh, 0) < 0.1 then 'no_energy'
            else 'good'
        end as outcome
    from (select * from billed union all by name select * from unbilled) as c
    left join evse_keys as k
        on c.partner = k.partner and c.country_code = k.country_code and c.party_id = k.party_id
            and lower(c.location_id) = k.location_key and lower(c.evse_uid) = k.uid_key
    left join availability_places as e on k.canonical_evse = e.canonical_evse
),

tried as (
    select
        p.*,
        lag(end_at) over same_driver as previous_end_at,
        lag(outcome) over same_driver as previous_outcome
    from placed as p
    window same_driver as (
        partition by partner, counts, coalesce(token_uid, contract_id, id), lower(location_id)
        order by start_at, kind, id
    )
)

select
    partner, country_code, party_id, kind, id, counts, start_at, end_at,
    cast(end_at as date) as ended_on,
    strftime(end_at, '%Y-%m') as month,
    strftime(end_at, '%G-W%V') as week,
    canonical_evse, place, location_id, location_name, city, region, country, operator, power_class,
    energy_kwh, currency, cost_excl_vat, payable_excl_vat,
    case
        when end_at > start_at
            then cast((epoch_us(end_at) - epoch_us(start_at)) / 3600000000.0 as decimal(18, 9))
    end as connected_h,
    outcome,
    coalesce(
        previous_outcome <> 'good' and start_at - previous_end_at <= interval 15 minutes, false
    ) as is_repeat,
    token_uid, contract_id
from tried
