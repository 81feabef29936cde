-- recon_linked_cdrs: the touched CDRs, what they credit or are credited by, and then every CDR that may
-- be for the same session or a copy: each of them may now be judged otherwise.
-- A CDR that names no session is for one that began within a minute of it, with the same token.
create temp table recon_linked_cdrs as
with originals as (
    select t.n from recon_touched as t
    union
    select k.original_n from recon_credits as k where k.n in (select t.n from recon_touched as t)
),
origins as (
    select o.n from originals as o where o.n is not null
    union
    select k.n from recon_credits as k where k.original_n in (select o.n from originals as o)
),
keyed as (
    select k.* from recon_neighbour_keys as k where k.n in (select o.n from origins as o)
),
sessions as (
    select k.session from keyed as k where k.session is not null
    union
    select hash(s.country_code, s.party_id, lower(s.id)) as session
    from core.sessions as s
    join
        keyed
            as k
        on hash(lower(s.token_uid)) = k.token
            and s.start_at between k.start_at - interval 60 seconds and k.start_at + interval 60 seconds
    where k.session is null
)
select k.n from keyed as k
union
select a.n from recon_neighbour_keys as a where a.session in (select s.session from sessions as s)
union
select a.n
from core.sessions as s
join recon_neighbour_keys as a
    on a.token = hash(lower(s.token_uid))
        and a.start_at between s.start_at - interval 60 seconds and s.start_at + interval 60 seconds
where a.session is null
    and hash(s.country_code, s.party_id, lower(s.id)) in (select x.session from sessions as x)
union
select a.n from recon_neighbour_keys as a
join keyed as k
    on a.token = k.token
        and a.start_at between k.start_at - to_microseconds($near_us)
        and k.start_at + to_microseconds($near_us)
