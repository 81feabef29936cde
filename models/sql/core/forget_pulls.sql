-- Takes out the forgotten pulls themselves.
delete from ops.pulls as d
where d.pull_id in (select f.pull_id from forgotten_pulls as f)
