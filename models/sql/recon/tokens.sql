-- recon_tokens: our tokens, whichever connection knows them, and since when one is not valid.
create temp table recon_tokens as
select
    lower(t.uid) as token_key,
    min(t.last_updated_at) filter (where not t.valid) as blocked_at,
    bool_or(t.valid) as is_valid_somewhere
from core.tokens as t
group by lower(t.uid)
