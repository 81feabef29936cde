-- Takes everything of the partners that are made anew out of {table}.
delete from settle.{table} as l
where l.partner in (select partner from settle_anew)
