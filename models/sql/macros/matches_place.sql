-- Whether EVSEs, or a group of them, are among those that a filter asks for; null asks for all.
create or replace macro matches_place(
    partner, country_code, party_id, country, operator, power_class,
    in_partner, in_party, in_country, by_operator, of_power
) as
(in_partner is null or partner = in_partner)
and (in_party is null or country_code || '/' || party_id = in_party)
and (in_country is null or country = in_country)
and (by_operator is null or operator = by_operator)
and (of_power is null or power_class = of_power)
