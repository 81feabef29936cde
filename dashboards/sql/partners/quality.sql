-- How far each partner's data can be relied on, and what that is made of.
select
    partner, score_share, timeliness_share, completeness_share, correctness_share,
    tariff_coverage_share, freshness_share, cdr_age_median_h, cdr_count, session_count,
    session_cdr_share, fields_share, connector_count, priced_connector_count, quarantine_count,
    deviation_count, last_success_at
from mart.partner_quality
where $partner is null or partner = $partner
order by score_share nulls last, partner
