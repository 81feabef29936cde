-- Every line: those of locked months as they were locked, the others with the exchange rate of
-- the day the session ended, else of the last day before that has one.
insert into settle.statement_lines by name
with rated as (
    select
        s.*,
        case when s.currency = $reporting then cast(1 as decimal(18, 6)) else q.quote end
            as fx_quote,
        case when s.currency = $reporting then cast(1 as decimal(18, 6)) else r.quote end
            as fx_reporting_quote,
        case when s.currency = $reporting then s.ended_on else least(q.on_date, r.on_date) end
            as fx_date
    from settle_open as s
    asof left join settle_quotes as q on s.currency = q.currency and s.ended_on >= q.on_date
    asof left join settle_reporting_quotes as r on s.ended_on >= r.on_date
),

fresh as (
    select
        * replace (
            case when fx_date >= ended_on - cast($max_age_days as integer) then fx_quote end
                as fx_quote,
            case when fx_date >= ended_on - cast($max_age_days as integer) then fx_reporting_quote end
                as fx_reporting_quote,
            case when fx_date >= ended_on - cast($max_age_days as integer) then fx_date end
                as fx_date
        )
    from rated
),

every_row as (
    select
        {names},
        {converted}
    from fresh
    union all by name
    select * from settle_booked_lines
)

select * from every_row
