-- recon_differing: the CDRs of the chunk whose price differs, with what rating needs of them.
create or replace temp table recon_differing as
select
    d.n as cdr_row, d.tariff_source, d.tariff_ids,
    c.partner, c.country_code, c.party_id, c.id, c.start_at, c.end_at, c.currency, c.credit,
    c.home_charging_compensation, c.tariff_hashes, c.country,
    c.location_id, c.evse_uid, c.connector_id,
    coalesce(c.time_zone, l.time_zone) as stated_zone
from recon_differing_rows as d
join core.cdrs as c on c.rowid = d.n
left join (
    select
        l.partner, l.country_code, l.party_id, lower(l.id) as id_key,
        arg_min(l.time_zone, l.id) as time_zone
    from core.locations as l
    group by l.partner, l.country_code, l.party_id, lower(l.id)
) as l
    on l.partner = c.partner and l.country_code = c.country_code
        and l.party_id = c.party_id and l.id_key = lower(c.location_id)
