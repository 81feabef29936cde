-- recon_near_duplicates: claims for another session that look like one made before: same token and
-- EVSE, nearly the same start and energy. Only neighbours in time on the EVSE are compared.
create temp table recon_near_duplicates as
with neighbours as (
    select
        l.n, l.id, l.id_key, l.precedence, l.made_at, l.token_key, l.start_at, l.total_energy_kwh,
        t.near_start_s, t.near_energy_kwh,
        lag(l.n) over on_evse as before_n,
        lead(l.n) over on_evse as after_n
    from recon_open_claims as l
    join recon_terms as t on t.partner = l.partner
    where l.evse_key is not null
        and l.token_key is not null
        and l.n not in (select d.n from recon_duplicates as d)
    window on_evse as (partition by l.evse_key order by l.start_at, l.made_at, l.id, l.partner)
),
pairs as (
    select a.n, a.before_n as other_n from neighbours as a where a.before_n is not null
    union all
    select a.n, a.after_n as other_n from neighbours as a where a.after_n is not null
)
select a.n, min_by(b.id, b.made_at) as first_id
from pairs as p
join neighbours as a on a.n = p.n
join neighbours as b on b.n = p.other_n
where a.token_key = b.token_key
    and abs(epoch_us(a.start_at) - epoch_us(b.start_at)) <= a.near_start_s * 1000000
    and abs(a.total_energy_kwh - b.total_energy_kwh) <= a.near_energy_kwh
    and (b.made_at, b.id_key, b.precedence) < (a.made_at, a.id_key, a.precedence)
group by a.n
