-- What our drivers charged at the places that a choice (JSON) asks for, billed in one currency, with
-- the first day of its month or week.
create or replace macro matching_charges(places, grain, in_currency) as table
    select
        c.*,
        cast(date_trunc(grain, c.ended_on) as date) as begins_on
    from charges_at(places) as c
    where c.currency = in_currency
