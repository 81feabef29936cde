-- How many claims are not split whole into what is payable, disputed and rejected.
select count(*)
from recon.cdrs as r
where r.claimed_excl_vat is not null
    and r.claimed_excl_vat is distinct from
    r.payable_excl_vat + r.disputed_excl_vat + r.rejected_excl_vat
