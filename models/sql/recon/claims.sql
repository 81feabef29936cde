-- recon_claims: what the matching of CDRs with one another needs of each CDR in scope; `n` is its
-- row in core.cdrs, good for as long as the transaction.
-- Ids are CiStrings: compared in lower case. An EVSE is known by its eMI3 id, so that the copies
-- that a hub and the CPO itself send are one; else by its uid within the party. A 2.1.1 CDR does
-- not say what kind of token it was: our own list may. Of copies of one claim the least `precedence`
-- stands: the party's own connection's comes before a hub's, then the one that came first.
create temp table recon_claims as
with known as (
    select
        c.rowid as n,
        c.*,
        evse_key(c.evse_id, c.country_code, c.party_id, c.location_id, c.evse_uid) as evse_key
    from core.cdrs as c
    where c.rowid in (select s.n from recon_scope as s)
)
select
    k.n,
    k.partner,
    k.country_code,
    k.party_id,
    k.id,
    lower(k.id) as id_key,
    lower(k.session_id) as session_key,
    k.start_at,
    k.end_at,
    coalesce(k.last_updated_at, k.fetched_at) as made_at,
    p.is_hub,
    struct_pack(p.is_hub, k.fetched_at, k.partner) as precedence,
    k.credit,
    k.home_charging_compensation,
    k.currency,
    k.total_cost_excl_vat,
    k.total_energy_kwh,
    lower(k.token_uid) as token_key,
    coalesce(k.token_type, t.type) as token_type,
    k.evse_key,
    k.evse_key || '/' || coalesce(k.connector_id, '') as connector_key,
    k.latitude,
    k.longitude
from known as k
inner join recon_terms as p on p.partner = k.partner
left join (
    select lower(t.uid) as token_key, min(t.type) as type from core.tokens as t group by lower(t.uid)
) as t on t.token_key = lower(k.token_uid)
