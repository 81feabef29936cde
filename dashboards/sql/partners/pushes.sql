-- How completely and how soon each partner pushes its lists.
select
    partner, module, push_complete_share, is_pulled, inferred_missing_count, delay_median_s, delay_worst_s, push_count, missed_count,
    late_count, changed_count, unlisted_count, refused_count, unusable_count, last_push_at
from mart.push_quality
where $partner is null or partner = $partner
order by partner, module
