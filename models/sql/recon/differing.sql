-- recon_differing: the CDRs of the chunk whose price differs, with what rating needs of them.
create or replace temp table recon_differing as
select
    d.n as cdr_row, d.tariff_source, d.tariff_ids,
    c.partner, c.country_code, c.party_id, c.id, c.start_at, c.end_at, c.currency, c.credit,
    c.home_charging_compensation, c.tariff_hashes, c.country,
    c.location_id, c.evse_uid, c.connector_id,
    coalesce(c.time_zone, l.time_zone) as stated_zone, s.terms
from recon_differing_rows as d
join core.cdrs as c on c.rowid = d.n
join recon_terms as t on t.partner = c.partner
join recon_spans as s
    on s.partner = c.partner
        and settled_at(t.month_basis, c.end_at, c.last_updated_at, c.fetched_at) >= s.from_at
        and settled_at(t.month_basis, c.end_at, c.last_updated_at, c.fetched_at) < s.until_at
left join (
    select
        l.partner, l.country_code, l.party_id, lower(l.id) as id_key,
        arg_min(l.time_zone, l.id) as time_zone
    from core.locations as l
    group by l.partner, l.country_code, l.party_id, lower(l.id)
) as l
    on l.partner = c.partner and l.country_code = c.country_code
        and l.party_id = c.party_id and l.id_key = lower(c.location_id)
