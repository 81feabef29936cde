-- The region of an address: its state or province; else the postal area, which begins its postal
-- code (two digits, or the letters of a British one); else `unknown`.
create or replace macro region_of(state, country, postal_code) as
coalesce(
    nullif(trim(state), ''),
    country || ' ' || nullif(upper(regexp_extract(trim(postal_code), '^([0-9]{2}|[A-Za-z]{1,2})')), ''),
    'unknown'
)
