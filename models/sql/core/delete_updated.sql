-- Takes out the rows that a pull replaces; `insert_incoming` puts the new ones in.
delete from {table}
where rowid in (select i.known_row from {incoming} as i where i.fate = 'updated')
