-- The one value of a filter that a choice of places (JSON) names; null: everything is meant.
create or replace macro choice(places, filter_name) as
json_extract_string(cast(places as varchar), filter_name)
