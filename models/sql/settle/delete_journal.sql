-- Takes out what would be booked now in months whose entries are kept.
delete from settle.journal
where (partner, month) in (select (partner, month) from settle_kept_months)
