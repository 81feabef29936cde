-- recon_superseded: CDRs of connections that left the partners file, of which another brings the object.
create temp table recon_superseded as
select distinct s.n from superseded_cdrs($former) as s
