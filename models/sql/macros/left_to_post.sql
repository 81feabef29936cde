-- What locked months do not hold yet of an amount; unknown minus nothing stays unknown.
create or replace macro left_to_post(amount, posted) as
case when posted is null then amount else coalesce(amount, 0) - posted end
