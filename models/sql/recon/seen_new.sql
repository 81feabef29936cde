-- recon_seen_new: what was not there at the last reconciliation; recon_seen_gone has the reverse.
create temp table {target} as
select s.source, s.value from {now} as s
except
select s.source, s.value from {before} as s
