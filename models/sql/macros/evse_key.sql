-- How an EVSE is known: by its eMI3 id without separators, else by its uid within its location.
create or replace macro evse_key(evse_id, country_code, party_id, location_id, evse_uid) as
coalesce(
    nullif(replace(replace(replace(upper(evse_id), '*', ''), '-', ''), ' ', ''), ''),
    country_code || '/' || party_id || '/' || upper(location_id) || '/' || upper(evse_uid)
)
