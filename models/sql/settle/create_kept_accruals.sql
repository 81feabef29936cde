-- settle_kept_accruals: what was accrued in locked months as they were locked, with the CDRs that came since.
create or replace temp table settle_kept_accruals as
select k.* replace (a.cdr_id as cdr_id, a.actual_excl_vat as actual_excl_vat)
from settle_locked_accruals as k
left join settle.accruals as a
    on k.partner = a.partner and k.country_code = a.country_code
        and k.party_id = a.party_id and k.month = a.month and k.session_id = a.session_id
