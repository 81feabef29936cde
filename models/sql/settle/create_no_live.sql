-- settle_live where no CDR is to be settled again: no days to look rates up for.
create or replace temp table settle_live (currency varchar, ended_on date)
