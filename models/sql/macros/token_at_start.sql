-- Of the charges with a token of ours, whether any connection had it valid when the charge began, and
-- since when it was blocked. A state lasts until the next one of the same token; the first one known
-- says nothing of before, except that the token is ours. Homes whose tokens were loaded before their
-- states were kept have their present state. `charges` names a table with `n`, `token_key`, `start_at`.
create or replace macro token_at_start(charges) as table
    with charge as (
        select n, token_key, start_at from query_table(charges)
    ),
    known as (
        select s.partner, s.country_code, s.party_id, lower(s.uid) as token_key, s.type, s.from_at, s.valid
        from core.token_states as s
        where lower(s.uid) in (select c.token_key from charge as c)
        union
        select
            t.partner, t.country_code, t.party_id, lower(t.uid) as token_key, t.type,
            coalesce(t.last_updated_at, t.fetched_at) as from_at,
            coalesce(t.valid, true) as valid
        from core.tokens as t
        where lower(t.uid) in (select c.token_key from charge as c)
    ),
    states as (
        select
            k.*,
            row_number() over in_time = 1 as is_first,
            lead(k.from_at) over in_time as to_at
        from known as k
        window in_time as (
            partition by k.partner, k.country_code, k.party_id, k.token_key, k.type
            order by k.from_at, k.valid
        )
    )
    select
        c.n,
        min(s.from_at) filter (where not s.valid) as blocked_at,
        bool_or(s.valid) as is_valid_somewhere
    from charge as c
    join states as s
        on s.token_key = c.token_key
            and (s.is_first or s.from_at <= c.start_at)
            and (s.to_at is null or s.to_at > c.start_at)
    group by c.n
