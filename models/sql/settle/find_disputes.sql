-- Disputes of a partner, a month or with the beginning of an id; null: all.
select *
from settle.disputes
where ($partner is null or partner = $partner)
    and ($month is null or month = $month)
    and ($beginning is null or starts_with(dispute_id, $beginning))
order by dispute_id
