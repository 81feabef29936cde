-- Takes out what would be accrued now in months whose accruals are kept.
delete from settle.accruals
where (partner, month) in (select (partner, month) from settle_locked_accrual_months)
