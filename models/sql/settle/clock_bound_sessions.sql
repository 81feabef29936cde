-- How many sessions may cost another amount now than at another moment of the same day, by the clock
-- alone: those that went on that day, or were not begun, but for those that began in the month of now and
-- still run, which are of no month that is over. Clocks are up to 12 hours behind UTC and 14 ahead.
select count(*)
from core.sessions
where status in ('COMPLETED', 'ACTIVE')
    and (
        start_at >= date_trunc('day', $as_of::timestamptz)
        or end_at >= date_trunc('day', $as_of::timestamptz)
        or (
            end_at is null
            and date_diff(
                'month',
                make_timestamp(epoch_us(start_at) - 12 * 3600000000),
                make_timestamp(epoch_us($as_of::timestamptz) + 14 * 3600000000)
            ) <> 0
        )
    )
