-- Lines on which claimed is not payable + disputed + rejected.
select count(*)
from settle.statement_lines
where claimed_excl_vat is not null
    and claimed_excl_vat is distinct from payable_excl_vat + disputed_excl_vat + rejected_excl_vat
