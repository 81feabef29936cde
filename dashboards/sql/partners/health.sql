-- How each partner's last visit went, and how far its data can be relied on.
select
    h.partner,
    h.state,
    h.last_success_at,
    q.score_share,
    q.cdr_count,
    h.consecutive_failures,
    h.message
from ops.partner_health as h
left join mart.partner_quality as q on h.partner = q.partner
where $partner is null or h.partner = $partner
order by case h.state when 'failed' then 0 when 'degraded' then 1 else 2 end, h.partner
