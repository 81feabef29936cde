-- recon_offers: what each connection sends at all: rules about the rest stay silent.
create temp table recon_offers as
select
    t.partner,
    t.partner in (select distinct s.partner from core.sessions as s) as sessions_offered,
    t.partner in (select distinct l.partner from core.locations as l) as locations_offered,
    t.partner in (select distinct i.partner from core.invoices as i) as invoices_offered,
    exists(select 1 from core.tokens) as tokens_known
from recon_terms as t
