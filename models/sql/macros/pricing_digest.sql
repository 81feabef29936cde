-- A digest of the part of a tariff (JSON) that makes prices.
create or replace macro pricing_digest(tariff) as
md5(concat_ws(
    '/',
    coalesce(json_extract(tariff, '$.elements'), 'null'),
    coalesce(json_extract(tariff, '$.currency'), 'null'),
    coalesce(json_extract(tariff, '$.tax_included'), 'null'),
    coalesce(json_extract(tariff, '$.min_price'), 'null'),
    coalesce(json_extract(tariff, '$.max_price'), 'null'),
    coalesce(json_extract(tariff, '$.start_date_time'), 'null'),
    coalesce(json_extract(tariff, '$.end_date_time'), 'null')
))
