-- CDRs by day against what is usual, of the last 120 days.
select partner, day_on, cdr_count, usual_count, energy_kwh
from mart.volume_daily
where ($partner is null or partner = $partner)
    and day_on >= (select max(day_on) from mart.volume_daily) - 120
order by partner, day_on
