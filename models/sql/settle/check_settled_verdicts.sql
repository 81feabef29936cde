-- Partners whose lines show other verdicts than reconciliation's of now: what it contests is
-- contested or conceded. Partners with a locked month are left out: it keeps CDRs that may be
-- gone, and `close --verify` adds up each of them. So are both names of a renamed partner: what one
-- of them settled is not settled again under the other.
with settled as (
    select
        partner,
        sum(claimed_excl_vat) as claimed,
        sum(disputed_excl_vat + rejected_excl_vat + conceded_excl_vat) as contested
    from settle.statement_lines
    where kind <> 'fee'
    group by partner
),

judged as (
    select
        partner,
        sum(claimed_excl_vat) as claimed,
        sum(disputed_excl_vat + rejected_excl_vat) as contested
    from recon.cdrs
    group by partner
)

select count(*)
from settled as s
inner join judged as j on s.partner = j.partner
where (s.claimed is distinct from j.claimed or s.contested is distinct from j.contested)
    and s.partner not in (select partner from settle.statements where status = 'locked')
    and 'renamed/' || s.partner not in (select source from settle.inputs)
