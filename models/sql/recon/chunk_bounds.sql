-- The first and the last row of each chunk of so many CDRs in focus.
select min(o.n) as low, max(o.n) as high
from (select f.n, (row_number() over (order by f.n) - 1) // $rows as chunk from recon_focus as f) as o
group by o.chunk
order by low
