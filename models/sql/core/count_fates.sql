-- How many objects met which fate.
select i.fate, count(*)
from {incoming} as i
group by i.fate
