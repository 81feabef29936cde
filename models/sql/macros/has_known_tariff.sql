-- Whether a connector names a tariff that is known, by why its basket has no price (null: it has one).
create or replace macro has_known_tariff(reason) as
(reason is null or reason not in ('TARIFF_NOT_STATED', 'TARIFF_UNKNOWN', 'TARIFF_ENDED'))
