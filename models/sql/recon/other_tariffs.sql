-- The other tariffs of the connector of a differing CDR, in the version nearest to its start.
with named as (
    select
        d.cdr_row, d.partner, d.country_code, d.party_id, d.start_at, d.tariff_ids,
        lower(unnest(k.tariff_ids)) as id_key
    from recon_differing as d
    join core.connectors as k
        on k.partner = d.partner and k.country_code = d.country_code and k.party_id = d.party_id
            and lower(k.location_id) = lower(d.location_id) and lower(k.evse_uid) = lower(d.evse_uid)
            and lower(k.id) = lower(d.connector_id)
),
versions as (
    select
        n.cdr_row, t.id, t.tariff,
        row_number() over (
            partition by n.cdr_row, n.id_key
            order by
                t.in_force_from_at > n.start_at,
                abs(epoch_us(t.in_force_from_at) - epoch_us(n.start_at))
        ) as place
    from named as n
    join tariffs_in_force() as t
        on t.partner = n.partner and t.country_code = n.country_code and t.party_id = n.party_id
            and lower(t.id) = n.id_key
    where not list_contains(list_transform(n.tariff_ids, lambda one: lower(one)), n.id_key)
)
select v.cdr_row, v.tariff, 'the claim used tariff ' || v.id || ' of the same connector' as detail
from versions as v
where v.place = 1
order by v.cdr_row, v.id
