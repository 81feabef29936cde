-- recon_inputs_gone: what was there at the last reconciliation and is no more.
create temp table recon_inputs_gone as
select b.source, b.value from recon.inputs as b
except
select n.source, n.value from recon_inputs_now as n
