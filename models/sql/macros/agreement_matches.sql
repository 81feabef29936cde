-- What of a partner's agreement holds for each of its CDRs and sessions (`kind`; `n`, the row in
-- core.cdrs or core.sessions): of the agreed prices, and of each fee, the most specific that match.
-- Several rows are of one rank only where they are OCPI tariffs, of which the charge itself names one.
create or replace macro agreement_matches() as table
    with connectors as (
        select
            k.partner, k.country_code, k.party_id, lower(k.location_id) as location_key,
            lower(k.evse_uid) as evse_key, lower(k.id) as connector_key,
            any_value(k.power_type) as power_type, max(k.power_kw) as power_kw,
            any_value(k.standard) as standard
        from core.connectors as k
        where k.partner in (select a.partner from core.agreement_prices as a)
        group by all
    ),
    token_types as (
        select lower(t.uid) as token_key, min(t.type) as type from core.tokens as t group by all
    ),
    stated as (
        select
            'cdr' as kind, c.rowid as n, c.partner, c.country_code, c.party_id, c.start_at, c.country,
            c.location_id, c.evse_uid, c.connector_id, c.connector_standard, c.connector_power_type,
            c.token_type, c.token_uid
        from core.cdrs as c
        union all
        select
            'session' as kind, s.rowid as n, s.partner, s.country_code, s.party_id, s.start_at, l.country,
            s.location_id, s.evse_uid, s.connector_id, null, null, s.token_type, s.token_uid
        from core.sessions as s
        left join (
            select
                l.partner, l.country_code, l.party_id, lower(l.id) as id_key,
                arg_min(l.country, l.id) as country
            from core.locations as l
            group by all
        ) as l
            on l.partner = s.partner and l.country_code = s.country_code
                and l.party_id = s.party_id and l.id_key = lower(s.location_id)
    ),
    charges as (
        select
            c.kind, c.n, c.partner, c.start_at, c.country,
            c.country_code || '/' || c.party_id as party,
            coalesce(c.token_type, t.type) as token_type,
            coalesce(c.connector_standard, k.standard) as connector_type,
            case
                when coalesce(c.connector_power_type, k.power_type) = 'DC' and k.power_kw is null then 'dc'
                else power_class(coalesce(c.connector_power_type, k.power_type), coalesce(k.power_kw, 0))
            end as power_class
        from stated as c
        left join connectors as k
            on k.partner = c.partner and k.country_code = c.country_code
                and k.party_id = c.party_id and k.location_key = lower(c.location_id)
                and k.evse_key = lower(c.evse_uid) and k.connector_key = lower(c.connector_id)
        left join token_types as t on t.token_key = lower(c.token_uid)
        where c.partner in (select a.partner from core.agreement_prices as a)
    )
    select c.kind, c.n, a.*
    from charges as c
    join core.agreement_prices as a
        on a.partner = c.partner and c.start_at >= a.from_at and c.start_at < a.until_at
            and (a.country is null or a.country = c.country)
            and (a.party is null or a.party = c.party)
            and (a.connector_type is null or a.connector_type = c.connector_type)
            and (a.token_type is null or a.token_type = c.token_type)
            and (
                a.power_class is null or a.power_class = c.power_class
                or (a.power_class = 'dc' and c.power_class = 'hpc')
            )
    qualify rank() over (partition by c.kind, c.n, a.name order by a.rank desc) = 1
