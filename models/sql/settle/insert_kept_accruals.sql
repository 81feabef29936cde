-- The accruals of locked months.
insert into settle.accruals by name select * from settle_kept_accruals
