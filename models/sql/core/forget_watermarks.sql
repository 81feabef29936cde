-- Takes out the watermarks of one partner's module, to be made again from the pulls that stay.
delete from ops.watermarks as d
where d.partner = $partner and d.module = $module
