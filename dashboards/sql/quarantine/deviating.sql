-- Fields that broke the spec in one way.
select object_id, country_code, party_id, path, original, repaired, fetched_at, page_id
from core.deviations
where partner = $partner and module = $module and kind = $kind
    and regexp_replace(path, '\[\d+\]', '[]', 'g') = $path
order by fetched_at desc, object_id, path, original
