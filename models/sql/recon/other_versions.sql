-- Other versions of the one tariff that a differing CDR should be priced by: published at another
-- time, or carried by the CDR itself, or published where the CDR's own was taken, or agreed for
-- another time.
with single as (
    select d.*, lower(d.tariff_ids[1]) as id_key
    from recon_differing as d
    where len(d.tariff_ids) = 1
),
published as (
    select
        s.cdr_row, t.tariff, abs(epoch_us(t.in_force_from_at) - epoch_us(s.start_at)) as distance,
        case
            when t.in_force_from_at > s.start_at then 'the claim used the price that came into force on '
            else 'the claim used the price that had come into force on '
        end || strftime(t.in_force_from_at, '%-d %b %Y') as detail
    from single as s
    join tariffs_in_force() as t
        on t.partner = s.partner and t.country_code = s.country_code and t.party_id = s.party_id
            and lower(t.id) = s.id_key
    where s.tariff_source = 'embedded'
        or t.in_force_from_at > s.start_at
        or t.in_force_to_at <= s.start_at
),
carried as (
    select s.cdr_row, s.partner, s.id_key, unnest(s.tariff_hashes) as content_hash
    from single as s
    where s.tariff_source = 'published'
)
select p.cdr_row, p.distance, p.tariff, p.detail from published as p
union all
select
    c.cdr_row, -1 as distance, t.tariff,
    'the claim used the version of the tariff that the CDR carries, not the published one' as detail
from carried as c
join core.embedded_tariffs as t on t.partner = c.partner and t.content_hash = c.content_hash
where lower(t.id) = c.id_key
union all
select
    s.cdr_row, abs(epoch_us(a.from_at) - epoch_us(s.start_at)) as distance, a.tariff,
    'the claim used the price that was agreed for another time' as detail
from single as s
join core.agreement_prices as a
    on a.partner = s.partner and a.name = 'price'
        and lower(json_extract_string(a.tariff, '$.id')) = s.id_key
        and (s.start_at < a.from_at or s.start_at >= a.until_at)
where s.tariff_source = 'agreement'
order by cdr_row, distance, tariff
