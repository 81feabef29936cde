-- recon_tokens: the state of their tokens, of the CDRs that were made with one of ours.
create temp table recon_tokens as
select t.n, t.blocked_at, t.is_valid_somewhere
from token_at_start('recon_claims') as t
