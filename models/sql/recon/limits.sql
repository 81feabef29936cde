-- recon_limits: what a price limit added to or took from a price. A price says in its notes that
-- it has one.
create temp table recon_limits as
with lines as (
    select f.n, r.source, unnest(r.lines) as line
    from rating.cdrs as r
    join recon_focus as f
        on f.partner = r.partner and f.country_code = r.country_code
            and f.party_id = r.party_id and f.id = r.cdr_id
    where list_contains(r.notes, 'LIMIT_APPLIED')
)
select l.n, l.source, sum(l.line.amount_excl_vat) as limit_excl_vat
from lines as l
where l.line.dimension = $limit_dimension
group by l.n, l.source
