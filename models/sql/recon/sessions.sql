-- recon_sessions: the session of each CDR; by its id, or where the CDR names none (2.1.1) by token
-- and EVSE, the one that started nearest within a minute.
create temp table recon_sessions as
with named as (
    select
        c.n, s.id, s.status, s.energy_kwh, s.total_cost_excl_vat,
        s.token_uid, s.authorization_reference,
        row_number() over (partition by c.n order by s.fetched_at desc, s.id) as place
    from recon_claims as c
    join core.sessions as s
        on s.partner = c.partner
            and s.country_code = c.country_code
            and s.party_id = c.party_id
            and lower(s.id) = c.session_key
),
unnamed as (
    select c.n, c.partner, c.token_key, c.evse_key, c.start_at
    from recon_claims as c
    where c.session_key is null and not c.credit
),
candidates as (
    select
        s.*,
        evse_key(s.evse_id, s.country_code, s.party_id, s.location_id, s.evse_uid) as evse_key
    from core.sessions as s
    where s.partner in (select u.partner from unnamed as u)
),
near as (
    select
        u.n, s.id, s.status, s.energy_kwh, s.total_cost_excl_vat,
        s.token_uid, s.authorization_reference,
        row_number() over (
            partition by u.n order by abs(epoch_us(s.start_at) - epoch_us(u.start_at)), s.id
        ) as place
    from unnamed as u
    join candidates as s
        on s.partner = u.partner
            and lower(s.token_uid) = u.token_key
            and s.evse_key = u.evse_key
            and s.start_at between u.start_at - interval 60 seconds and u.start_at + interval 60 seconds
)
select n, id, status, energy_kwh, total_cost_excl_vat, token_uid, authorization_reference
from named where place = 1
union all
select n, id, status, energy_kwh, total_cost_excl_vat, token_uid, authorization_reference
from near where place = 1
