-- The moment that decides the month of a CDR. OCPI has no creation date of one; it is final, so its
-- last_updated is that date, unless it cannot be (`CDR_DATE_IMPLAUSIBLE`): then the end of the charge is.
create or replace macro settled_at(month_basis, end_at, last_updated_at, fetched_at) as
case
    when
        month_basis = 'cdr_date'
        and last_updated_at between end_at - interval 1 day and fetched_at + interval 1 day
        then last_updated_at
    else end_at
end
