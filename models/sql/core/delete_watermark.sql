-- Takes a list's watermark out, to be put in anew.
delete from ops.watermarks
where partner = $partner and module = $module and party = $party
