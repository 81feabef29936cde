-- Tells what came one way only, though its partner uses both: `unlisted`, a complete pull did not list
-- what was pushed; `unpushed`, a pull listed what should have been pushed and was not.
create or replace macro one_way(pushed_at, pulled_at, unlisted_at) as case
    when unlisted_at is not null and pulled_at is null then 'unlisted'
    when pushed_at is null and pulled_at is not null then 'unpushed'
end
