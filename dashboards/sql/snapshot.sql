-- When the newest page in the snapshot was fetched.
select newest_page_at(null) as as_of_at
