-- The CDRs without prices from these very inputs, and the prices (`cdr_number` is null) without a
-- CDR. A CDR stands in its own zone, its location's, else its country's only one. Its content hash
-- covers its periods and the tariffs embedded in it; which published tariffs there are is told by
-- a sum that does not depend on their order. All sources are priced together, so one is looked at.
create or replace temp table rating_changes as
with published as (
    select
        p.cdr_number,
        bit_xor(md5_number_lower(concat_ws('|', p.digest, p.place, p.by_connector))) as digest
    from published_tariffs as p
    group by p.cdr_number
),
agreed as (
    select a.cdr_number, bit_xor(a.digest) as digest from agreed_prices as a group by a.cdr_number
),
places as (
    select
        l.partner, l.country_code, l.party_id, lower(l.id) as id, arg_min(l.time_zone, l.id) as time_zone
    from core.locations as l
    group by l.partner, l.country_code, l.party_id, lower(l.id)
),
placed as (
    select
        c.*,
        c.rowid as cdr_number,
        coalesce(c.time_zone, l.time_zone, z.zone) as zone,
        coalesce(c.time_zone, l.time_zone) is null and z.zone is not null as zone_assumed,
        t.terms,
        t.fingerprint,
        p.digest,
        a.digest as agreed_digest
    from core.cdrs as c
    left join places as l
        on l.partner = c.partner
            and l.country_code = c.country_code
            and l.party_id = c.party_id
            and l.id = lower(c.location_id)
    left join country_zones as z on z.country = c.country
    -- Terms of every partner are there, for all time. Kept to the left, this would be each with each.
    inner join contract_terms as t
        on t.partner = c.partner
            and settled_at(t.month_basis, c.end_at, c.last_updated_at, c.fetched_at) >= t.from_at
            and settled_at(t.month_basis, c.end_at, c.last_updated_at, c.fetched_at) < t.until_at
    left join published as p on p.cdr_number = c.rowid
    left join agreed as a on a.cdr_number = c.rowid
),
current as (
    select
        c.cdr_number,
        c.partner,
        c.country_code,
        c.party_id,
        c.id,
        c.start_at,
        c.end_at,
        c.currency,
        c.period_count,
        c.total_energy_kwh,
        c.total_time_h,
        c.total_parking_time_h,
        c.total_cost_excl_vat,
        c.total_cost_incl_vat,
        c.connector_tariff_ids,
        c.credit,
        coalesce(c.home_charging_compensation, false) as home_charging_compensation,
        c.tariff_hashes,
        c.zone,
        c.zone_assumed,
        c.terms,
        md5(concat_ws(
            '|', c.content_hash, c.zone, c.zone_assumed, c.fingerprint, $engine,
            coalesce(c.digest::varchar, ''), coalesce(c.agreed_digest::varchar, '')
        )) as input_hash
    from placed as c
),
known as (
    select r.partner, r.country_code, r.party_id, r.cdr_id, r.input_hash
    from rating.cdrs as r
    where r.source = 'embedded'
)
select
    c.* replace (
        coalesce(c.partner, k.partner) as partner,
        coalesce(c.country_code, k.country_code) as country_code,
        coalesce(c.party_id, k.party_id) as party_id,
        coalesce(c.id, k.cdr_id) as id
    ),
    k.cdr_id is not null as is_known
from current as c
full join known as k
    on k.partner = c.partner
        and k.country_code = c.country_code
        and k.party_id = c.party_id
        and k.cdr_id = c.id
where c.input_hash is distinct from k.input_hash
