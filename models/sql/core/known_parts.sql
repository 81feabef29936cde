-- Where the wanted parts of objects were last sent whole: the page that brought the content we have,
-- and the pull it belongs to. Ids compare without regard to case.
-- The lists have an entry for each wanted part: owner and ids in lower case, the deeper ones null; of
-- a token its type.
with wanted as (
    select
        unnest(range(len($country_codes))) as place,
        unnest($country_codes::varchar[]) as country_code,
        unnest($party_ids::varchar[]) as party_id,
        unnest($first_ids::varchar[]) as first_id,
        unnest($second_ids::varchar[]) as second_id,
        unnest($third_ids::varchar[]) as third_id
)

select
    w.place, p.page_id, p.pull_id, p.sha256, p.bytes, q.mode, q.ocpi_version
from wanted as w
inner join (
    select
        'locations' as module, c.country_code, c.party_id, c.id as first_id, null as second_id,
        null as third_id, c.page_id
    from core.locations as c
    where c.partner = $partner and $module = 'locations'
    union all
    select
        'locations' as module, c.country_code, c.party_id, c.location_id as first_id,
        c.uid as second_id, null as third_id, c.page_id
    from core.evses as c
    where c.partner = $partner and $module = 'locations'
    union all
    select
        'locations' as module, c.country_code, c.party_id, c.location_id as first_id,
        c.evse_uid as second_id, c.id as third_id, c.page_id
    from core.connectors as c
    where c.partner = $partner and $module = 'locations'
    union all
    select
        'sessions' as module, c.country_code, c.party_id, c.id as first_id, null as second_id,
        null as third_id, c.page_id
    from core.sessions as c
    where c.partner = $partner and $module = 'sessions'
    union all
    select
        'tokens' as module, c.country_code, c.party_id, c.uid as first_id, c.type as second_id,
        null as third_id, c.page_id
    from core.tokens as c
    where c.partner = $partner and $module = 'tokens'
    union all
    select
        'tariffs' as module, c.country_code, c.party_id, c.id as first_id, null as second_id,
        null as third_id, c.page_id
    from core.tariffs as c
    where c.partner = $partner and $module = 'tariffs' and c.valid_to_at is null
    union all
    select
        'cdrs' as module, c.country_code, c.party_id, c.id as first_id, null as second_id,
        null as third_id, c.page_id
    from core.cdrs as c
    where c.partner = $partner and $module = 'cdrs'
    union all
    select
        'hubclientinfo' as module, c.country_code, c.party_id, null as first_id, null as second_id,
        null as third_id, c.page_id
    from core.hub_clients as c
    where c.partner = $partner and $module = 'hubclientinfo'
    union all
    select
        'invoicereconciliation' as module, c.country_code, c.party_id, c.id as first_id,
        null as second_id, null as third_id, c.page_id
    from core.invoices as c
    where c.partner = $partner and $module = 'invoicereconciliation' and c.valid_to_at is null
) as k
    on lower(k.country_code) = w.country_code
        and lower(k.party_id) = w.party_id
        and lower(k.first_id) is not distinct from w.first_id
        and lower(k.second_id) is not distinct from w.second_id
        and lower(k.third_id) is not distinct from w.third_id
inner join ops.pages as p on p.partner = $partner and p.page_id = k.page_id
inner join ops.pulls as q on q.partner = $partner and q.pull_id = p.pull_id
order by w.place
