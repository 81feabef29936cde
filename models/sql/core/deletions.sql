-- When each of the touched objects was deleted by its partner.
select t.object, min(d.deleted_at) as deleted_at
from touched_versions as t
inner join deleted_objects as d
    on d.country_code = lower(t.country_code)
        and d.party_id = lower(t.party_id)
        and d.object_id = t.id_key
where t.is_missing
group by t.object
