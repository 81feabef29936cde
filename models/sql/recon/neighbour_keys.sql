-- recon_neighbour_keys: what CDRs are neighbours by, as numbers: so all of them are laid out in no time.
-- Two that share a number by chance are taken for neighbours, and judged once more: no harm.
create temp table recon_neighbour_keys as
with known as (
    select
        c.rowid as n,
        c.*,
        evse_key(c.evse_id, c.country_code, c.party_id, c.location_id, c.evse_uid) as evse_key
    from core.cdrs as c
)
select
    k.n,
    k.start_at,
    k.end_at,
    if(k.token_uid is null, null, hash(lower(k.token_uid))) as token,
    if(k.session_id is null, null, hash(k.country_code, k.party_id, lower(k.session_id))) as session,
    if(k.evse_key is null, null, hash(k.evse_key)) as evse,
    if(k.evse_key is null, null, hash(k.evse_key, coalesce(k.connector_id, ''), k.currency))
        as connector,
    k.total_energy_kwh >= 1 and k.total_cost_excl_vat > 0
    and not k.credit and not k.home_charging_compensation as is_priced
from known as k
