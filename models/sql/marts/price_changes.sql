-- Changes as they were priced.
insert into mart.price_changes by name
select * from change_prices
