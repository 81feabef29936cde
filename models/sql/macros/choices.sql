-- The values of a filter that a choice of places (JSON) lists; null: everything is meant.
create or replace macro choices(places, filter_name) as
cast(json_extract(cast(places as varchar), filter_name) as varchar[])
