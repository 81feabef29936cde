-- Adds the claims that a credit takes a part off and that no other CDR bills again: their rest stands.
insert into recon_open_claims
select
    c.*,
    c.country_code || '/' || c.party_id || '/'
    || coalesce(c.session_key, lower(s.id), 'cdr ' || c.id_key) as session_group
from recon_claims as c
join recon_cancellations as x on x.n = c.n and not x.is_whole
left join recon_sessions as s on s.n = c.n
where c.n not in (select r.n from recon_replacements as r)
    and c.n not in (select s.n from recon_superseded as s)
    and c.n not in (select s.n from recon_unaccepted as s)
