-- What connectors offer, as it was looked up.
insert into mart.offers by name
select * from offer_tariffs
