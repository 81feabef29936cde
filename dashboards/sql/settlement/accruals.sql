-- Sessions of a partner's month that no CDR came for, valued; the dearest first.
select
    session_id, kind, start_at, end_at, energy_kwh, basis, currency, amount_excl_vat, cdr_id,
    actual_excl_vat
from settle.accruals
where partner = $partner and month = $month
order by amount_excl_vat desc nulls first, session_id
