-- How many verdicts time alone may have changed.
select count(*) from recon.cdrs as r where r.recheck_at <= $as_of
