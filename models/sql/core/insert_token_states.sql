-- Adds the states of tokens that a pull brought and that were not known yet: every one that was pushed,
-- whatever the newest says.
insert into core.token_states by name
with brought as (
    select
        s.partner, s.country_code, s.party_id, s.uid, s.type,
        coalesce(s.last_updated_at, s.fetched_at) as from_at,
        s.valid,
        min_by(s.page_id, s.staged_row) as page_id
    from staged_tokens as s
    where s.valid is not null
    group by all
)
select b.*
from brought as b
anti join core.token_states as k
    on k.partner = b.partner and k.country_code = b.country_code and k.party_id = b.party_id
        and k.uid = b.uid and k.type = b.type and k.from_at = b.from_at and k.valid = b.valid
