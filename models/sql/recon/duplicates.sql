-- recon_duplicates: every further claim for a session, whichever connection brought it, with the
-- one that stands: the earliest made, then by id.
create temp table recon_duplicates as
with repeated as (
    select l.session_group from recon_open_claims as l group by l.session_group having count(*) > 1
),
ordered as (
    select
        l.n,
        row_number() over claims_of_session as place,
        first_value(l.id) over claims_of_session as first_id,
        first_value(l.partner) over claims_of_session as first_partner
    from recon_open_claims as l
    join repeated as r on r.session_group = l.session_group
    window claims_of_session as (
        partition by l.session_group order by l.made_at, l.id, l.partner
    )
)
select o.n, o.first_id, o.first_partner from ordered as o where o.place > 1
