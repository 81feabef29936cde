-- The version of each wanted tariff that was in force when the session started: the party's own;
-- else, where the party never published such a tariff, that of the one other party of the partner
-- that has one. Ids are unique only within a party: two parties of a hub may both have a tariff of
-- that name. Where nothing was in force yet, the version that was announced stands: the price then
-- says that it was not active. What the party published under a name that left the partners file
-- counts where nothing of the present one was in force.
create or replace temp table published_tariffs as
with publishers as (
    select distinct t.partner, t.country_code, t.party_id, lower(t.id) as tariff_id
    from core.tariffs as t
),
wanted as (
    select
        w.cdr_number,
        w.tariff_id,
        w.place,
        w.by_connector,
        c.partner,
        c.start_at,
        coalesce(own.country_code, other.country_code) as country_code,
        coalesce(own.party_id, other.party_id) as party_id
    from wanted_tariff_ids as w
    join core.cdrs as c on c.rowid = w.cdr_number
    left join publishers as own
        on own.partner = c.partner
            and own.country_code = c.country_code
            and own.party_id = c.party_id
            and own.tariff_id = w.tariff_id
    left join publishers as other
        on other.partner = case when own.partner is null then c.partner end
            and other.tariff_id = w.tariff_id
),
versions as (
    select
        t.partner,
        t.country_code,
        t.party_id,
        lower(t.id) as tariff_id,
        t.content_hash,
        t.valid_from_at,
        t.in_force_from_at,
        t.in_force_to_at,
        md5_number_lower(concat(lower(t.id), '|', t.content_hash)) as digest
    from tariffs_in_force() as t
),
in_force as (
    select w.*, v.content_hash, v.digest
    from wanted as w
    join versions as v
        on (v.partner = w.partner or list_contains($former, v.partner))
            and v.country_code = w.country_code
            and v.party_id = w.party_id
            and v.tariff_id = w.tariff_id
            and v.valid_from_at <= w.start_at
            and (v.in_force_to_at is null or w.start_at < v.in_force_to_at)
    qualify row_number() over (
            partition by w.cdr_number, w.tariff_id, w.country_code, w.party_id
            order by v.in_force_from_at > w.start_at, v.partner <> w.partner, v.in_force_from_at
        ) = 1
)
select
    i.cdr_number,
    i.tariff_id,
    any_value(i.content_hash) as content_hash,
    any_value(i.digest) as digest,
    any_value(i.place) as place,
    any_value(i.by_connector) as by_connector
from in_force as i
group by i.cdr_number, i.tariff_id
having count(*) = 1
