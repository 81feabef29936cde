-- What is disputed ages in every open month, touched or not.
update settle.statements as s
set {aged}
from (
    select
        {key},
        {ageing}
    from settle.statement_lines
    anti join settle_locked using (partner, month)
    where disputed_excl_vat <> 0
    group by all
) as a
where {same_statement}
