-- Every partner that was ever visited.
select partner from ops.partner_health order by partner
