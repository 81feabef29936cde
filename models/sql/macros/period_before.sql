-- The first day of the period to compare with: the one before, or the same one a year ago (of weeks,
-- 52 before, so that weekdays agree).
create or replace macro period_before(begins_on, grain, against) as
cast(case
    when grain = 'week' then begins_on - case when against = 'year' then 364 else 7 end
    when against = 'year' then begins_on - interval 12 months
    else begins_on - interval 1 month
end as date)
