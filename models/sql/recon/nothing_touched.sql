-- {target}: empty, where nothing changed.
create temp table {target} as
select t.n from recon_touched as t limit 0
