-- The moment of the newest page.
select max(fetched_at) as as_of_at from ops.pages
