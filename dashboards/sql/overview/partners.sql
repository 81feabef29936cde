-- How each partner's last visit went.
select partner, state, ocpi_version, last_success_at, checked_at, consecutive_failures, message
from ops.partner_health
order by partner
