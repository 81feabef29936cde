-- Every fact about the sessions without a CDR, one row for each.
select
    s.partner, s.country_code, s.party_id, s.id as subject_id, s.currency,
    s.start_at, s.end_at, s.status as open_status,
    s.energy_kwh as session_energy_kwh, s.total_cost_excl_vat as session_cost_excl_vat,
    s.token_uid, coalesce(s.token_type, k.type) as token_type,
    case when o.tokens_known and s.token_uid is not null then t.n is not null end as token_known,
    case when not t.is_valid_somewhere then t.blocked_at end as token_blocked_at,
    coalesce(upper(s.evse_uid) = '#NA', false)
    or coalesce(contains(s.charging_periods, '"RESERVATION_TIME"'), false)
    or coalesce(contains(s.charging_periods, '"RESERVATION_EXPIRES"'), false) as is_reserved,
    $as_of::timestamptz as as_of
from recon_open_sessions as n
join core.sessions as s on s.rowid = n.n
join recon_offers as o on o.partner = s.partner
left join token_at_start('recon_open_sessions') as t on t.n = n.n
left join (
    select lower(uid) as token_key, min(type) as type from core.tokens group by lower(uid)
) as k on k.token_key = n.token_key
order by s.partner, s.country_code, s.party_id, s.id
