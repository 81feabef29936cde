-- The entries of locked months, as they were locked.
insert into settle.journal by name select * from settle_kept_journal
