-- Takes out the rows that forgotten pages brought.
delete from {table} as d
where d.partner = $partner and d.page_id in (select f.page_id from forgotten_pages as f)
