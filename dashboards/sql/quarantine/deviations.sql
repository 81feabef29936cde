-- How fields broke the spec, the most frequent first.
select
    partner, module, kind, path, field_count, deviating_count, example_original,
    example_repaired, last_seen_at
from mart.deviation_kinds
where $partner is null or partner = $partner
order by field_count desc, partner, module, kind, path
