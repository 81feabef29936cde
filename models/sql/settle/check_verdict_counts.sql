-- Statements whose verdicts do not add up to their CDRs.
select count(*)
from settle.statements
where cdr_count <> agreed_count + tolerated_count + underclaimed_count + overclaimed_count
    + disputed_count + unpriceable_count + rejected_count + credited_count
