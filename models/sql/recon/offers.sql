-- recon_offers: what each connection sends at all: rules about the rest stay silent.
create temp table recon_offers as
select
    t.partner,
    exists(select 1 from core.sessions as s where s.partner = t.partner) as sessions_offered,
    exists(select 1 from core.locations as l where l.partner = t.partner) as locations_offered,
    exists(select 1 from core.invoices as i where i.partner = t.partner) as invoices_offered,
    exists(select 1 from core.tokens) as tokens_known
from recon_terms as t
