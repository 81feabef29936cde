-- How many totals are not the sum of their lines; one unknown amount makes the total unknown.
with summed as (
    select
        c.expected_excl_vat,
        len(c.lines) as line_count,
        list_transform(c.lines, lambda line: line.amount_excl_vat) as amounts
    from rating.cdrs as c
    where c.state = 'priced'
)
select count(*)
from summed as s
where s.expected_excl_vat is distinct from
    case when list_count(s.amounts) = s.line_count then coalesce(list_sum(s.amounts), 0) end
