-- Attempts to charge of the last days before the newest page, at the places that a choice (JSON) asks
-- for; an area asks for EVSEs that a location lists.
create or replace macro matching_attempts(places, days) as table
    select c.*
    from charges_at(places) as c
    where c.counts
        and c.end_at > newest_page_at(null) - to_days(cast(days as integer))
        and c.end_at <= newest_page_at(null)
