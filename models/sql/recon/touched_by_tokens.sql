-- Adds the CDRs of new, changed or blocked tokens.
insert into recon_touched
with changed as (
    select n.source, n.value from recon_inputs_new as n
    union all
    select g.source, g.value from recon_inputs_gone as g where g.source = 'blocked'
),
tokens as (
    select t.uid from core.tokens as t
    where t.page_id in (select c.value from changed as c where c.source = 'core.tokens')
    union
    select s.uid from core.token_states as s
    where s.page_id in (select c.value from changed as c where c.source = 'core.token_states')
    union
    select split_part(c.value, '/', 1) from changed as c where c.source = 'blocked'
)
select c.rowid as n from core.cdrs as c where lower(c.token_uid) in (select lower(t.uid) from tokens as t)
