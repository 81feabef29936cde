-- Whether a month or week that begins on a day ended before the newest page was fetched.
create or replace macro is_over(begins_on, grain) as
begins_on + case when grain = 'week' then interval 7 days else interval 1 month end
<= newest_page_at(null) at time zone 'UTC'
