-- recon_scope: the CDRs in focus, and all that any of them is set against: what went on on its EVSE
-- then, its token the week before, their sessions and near copies, its credits.
create temp table recon_scope as
with focus as (
    select k.* from recon_neighbour_keys as k where k.n in (select f.n from recon_focus_rows as f)
),
-- A charge that went on until a week before may have begun earlier than others that did not.
tokens as (
    select f.token, min(a.start_at) as since_at, max(f.start_at) as until_at
    from focus as f
    join recon_neighbour_keys as a
        on a.token = f.token and a.start_at <= f.start_at
            and (a.end_at > f.start_at - interval 7 days or a.n = f.n)
    group by f.token
),
against as (
    select f.n from focus as f
    union
    select a.n from recon_neighbour_keys as a
    join focus as f
        on f.evse = a.evse and a.end_at > f.start_at and a.start_at <= f.start_at
    union
    select a.n from recon_neighbour_keys as a
    join tokens as t
        on t.token = a.token and a.start_at between t.since_at and t.until_at
),
near as (
    select a.n
    from recon_neighbour_keys as a
    join recon_neighbour_keys as x
        on x.evse = a.evse
            and a.start_at between x.start_at - to_microseconds($near_us)
            and x.start_at + to_microseconds($near_us)
    where x.n in (select g.n from against as g)
    union
    select g.n from against as g
),
mates as (
    select a.n
    from recon_neighbour_keys as a
    where a.session in (
            select x.session from recon_neighbour_keys as x where x.n in (select s.n from near as s)
        )
    union
    select s.n from near as s
)
select m.n from mates as m
union
select k.n from recon_credits as k where k.original_n in (select m.n from mates as m)
union
select k.original_n from recon_credits as k
where k.n in (select m.n from mates as m) and k.original_n is not null
