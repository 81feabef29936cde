-- How an EVSE is known: by its eMI3 id without separators, else by its uid within its location; null
-- where none was assigned (`#NA`: a reservation that nobody used).
create or replace macro evse_key(evse_id, country_code, party_id, location_id, evse_uid) as
coalesce(
    nullif(nullif(replace(replace(replace(upper(evse_id), '*', ''), '-', ''), ' ', ''), ''), '#NA'),
    country_code || '/' || party_id || '/' || upper(location_id) || '/' || nullif(upper(evse_uid), '#NA')
)
