-- recon_chunk: the CDRs in focus from `low` to `high`.
create temp table recon_chunk as
select f.n, f.partner, f.country_code, f.party_id, f.id
from recon_focus as f
where f.n between $low and $high
