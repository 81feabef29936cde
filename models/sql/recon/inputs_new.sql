-- recon_inputs_new: what was not there at the last reconciliation.
create temp table recon_inputs_new as
select n.source, n.value from recon_inputs_now as n
except
select b.source, b.value from recon.inputs as b
