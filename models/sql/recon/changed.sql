-- Tells the next settlement which CDRs were judged: those in focus.
insert into recon.changed
select f.partner, f.country_code, f.party_id, f.id from recon_focus as f
