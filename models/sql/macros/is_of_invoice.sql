-- Whether a CDR of this month and day is one that an invoice is about: of its month, or of the several
-- that its period spans, and within its period. Null: it has no first or no last day.
create or replace macro is_of_invoice(
    cdr_month, basis_on, invoice_month, is_of_several_months, period_from, period_to
) as
(invoice_month = cdr_month or is_of_several_months)
and (period_from is null or basis_on >= period_from)
and (period_to is null or basis_on <= period_to)
