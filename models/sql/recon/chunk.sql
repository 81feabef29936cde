-- recon_chunk: the CDRs in focus from `first` to before `last`.
create temp table recon_chunk as
select f.n, f.partner, f.country_code, f.party_id, f.id
from recon_focus as f
where f.place >= $first and f.place < $last
