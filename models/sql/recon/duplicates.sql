-- recon_duplicates: every further claim for a session, whichever connection brought it, with the
-- one that stands: the earliest made, then by id, then by the precedence of copies.
create temp table recon_duplicates as
with repeated as (
    select l.session_group from recon_open_claims as l group by l.session_group having count(*) > 1
),
ordered as (
    select
        l.n,
        l.made_at,
        l.id_key,
        l.is_hub,
        row_number() over claims_of_session as place,
        first_value(struct_pack(l.id, l.partner, l.made_at, l.id_key, l.is_hub))
            over claims_of_session as standing
    from recon_open_claims as l
    join repeated as r on r.session_group = l.session_group
    window claims_of_session as (
        partition by l.session_group
        order by l.made_at, l.id_key, l.precedence
    )
)
select
    o.n,
    o.standing.id as first_id,
    o.standing.partner as first_partner,
    case
        when o.standing.made_at <> o.made_at or o.standing.id_key <> o.id_key then 'other'
        when o.standing.is_hub <> o.is_hub then 'direct'
        else 'first'
    end as standing_by
from ordered as o
where o.place > 1
union all
select
    k.n,
    k.standing.id,
    k.standing.partner,
    case when k.standing.is_other_kind then 'direct' else 'first' end
from recon_credited_copies as k
