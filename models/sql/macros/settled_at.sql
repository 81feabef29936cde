-- The moment that decides the month of a CDR. OCPI has no creation date of one; it is final, so its
-- last_updated is that date.
create or replace macro settled_at(month_basis, end_at, last_updated_at) as
case when month_basis = 'cdr_date' then coalesce(last_updated_at, end_at) else end_at end
