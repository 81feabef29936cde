-- Keeps each changed copy of a CDR once: the first content stays, the claim to another is evidence.
-- A copy that differs in nothing but the case of letters is no other content: ids are spelt so or so.
insert into core.cdr_conflicts by name
with
kept as (
    select k.country_code, k.party_id, k.id_key, k.content_hash, k.known_row
    from known_cdrs as k
    union all
    select c.country_code, c.party_id, lower(c.id) as id_key, c.content_hash, c.rowid as known_row
    from core.cdrs as c
    where c.page_id in (
            select s.page_id
            from staged_cdrs as s
            where s.staged_row in (select f.staged_row from fresh_cdrs as f)
        )
),
changed as (
    select s.staged_row, k.content_hash as kept_content_hash, k.known_row
    from staged_cdrs as s
    inner join kept as k
        on k.id_key = lower(s.id) and k.country_code = s.country_code and k.party_id = s.party_id
    where s.staged_row not in (select f.staged_row from fresh_cdrs as f)
        and s.content_hash <> k.content_hash
    qualify row_number() over (
            partition by s.country_code, s.party_id, lower(s.id), s.content_hash order by s.staged_row
        ) = 1
),
kept_contents as (
    select
        c.rowid as known_row, c.partner, c.country_code, c.party_id, c.id,
        lower(cast(row(*columns(
            c.* exclude (content_hash, last_updated_at, fetched_at, page_id)
        )) as varchar)) as content
    from core.cdrs as c
    where c.rowid in (select h.known_row from changed as h)
),
kept_periods as (
    select
        k.known_row,
        string_agg(
            lower(cast(row(*columns(p.*)) as varchar)), ';' order by p.period_index
        ) as content
    from core.charging_periods as p
    inner join kept_contents as k
        on k.partner = p.partner
            and k.country_code = p.country_code
            and k.party_id = p.party_id
            and k.id = p.cdr_id
    group by k.known_row
),
staged_contents as (
    select
        s.staged_row,
        lower(cast(row(*columns(
            s.* exclude (staged_row, content_hash, last_updated_at, fetched_at, page_id)
        )) as varchar)) as content
    from staged_cdrs as s
    where s.staged_row in (select h.staged_row from changed as h)
),
staged_periods as (
    select
        p.cdr_row as staged_row,
        string_agg(
            lower(cast(row(*columns(p.* exclude (cdr_row))) as varchar)), ';' order by p.period_index
        ) as content
    from staged_charging_periods as p
    where p.cdr_row in (select h.staged_row from changed as h)
    group by p.cdr_row
)
select
    s.partner, s.country_code, s.party_id, s.id, h.kept_content_hash, s.currency,
    s.total_cost_excl_vat, s.last_updated_at, s.content_hash, s.fetched_at, s.page_id
from changed as h
inner join staged_cdrs as s on s.staged_row = h.staged_row
inner join staged_contents as n on n.staged_row = h.staged_row
inner join kept_contents as k on k.known_row = h.known_row
left join staged_periods as np on np.staged_row = h.staged_row
left join kept_periods as kp on kp.known_row = h.known_row
where (n.content <> k.content or np.content is distinct from kp.content)
    and not exists (
        select 1
        from core.cdr_conflicts as c
        where c.partner = s.partner
            and c.country_code = s.country_code
            and c.party_id = s.party_id
            and lower(c.id) = lower(s.id)
            and c.content_hash = s.content_hash
    )
