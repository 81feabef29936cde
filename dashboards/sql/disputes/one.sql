-- One dispute.
select * from settle.disputes where dispute_id = $dispute_id
