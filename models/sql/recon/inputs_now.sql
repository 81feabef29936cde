-- recon_inputs_now: what the warehouse shows now of everything that verdicts rest on. Rows that keep
-- their page keep their content; where only a part of a row matters, that part stands here.
create temp table recon_inputs_now as
select
    'core.cdrs' as source,
    concat_ws('|', c.page_id, count(*), sum(hash(c.content_hash, c.id))) as value
from core.cdrs as c
group by c.page_id
union all
select distinct 'core.sessions', s.page_id from core.sessions as s
union all
select distinct 'core.cdr_conflicts', x.page_id from core.cdr_conflicts as x
union all
select distinct 'core.tokens', t.page_id from core.tokens as t
union all
select distinct 'core.evse_status', e.page_id from core.evse_status as e
union all
select distinct 'core.token_states', s.page_id from core.token_states as s
union all
select distinct 'blocked', t.uid || '/' || coalesce(cast(t.last_updated_at as varchar), '')
from core.tokens as t
where not t.valid
union all
select distinct
    'place',
    concat_ws('/', l.partner, l.country_code, l.party_id, l.id) || '|'
    || concat_ws('|', l.time_zone, l.country) || '|'
    || sum(hash(concat_ws('|', e.uid, e.evse_id, k.id, k.standard, k.power_kw, k.power_type)))
from core.locations as l
left join core.evses as e
    on e.partner = l.partner and e.country_code = l.country_code
        and e.party_id = l.party_id and e.location_id = l.id
left join core.connectors as k
    on k.partner = e.partner and k.country_code = e.country_code
        and k.party_id = e.party_id and k.location_id = e.location_id and k.evse_uid = e.uid
group by l.partner, l.country_code, l.party_id, l.id, l.time_zone, l.country
union all
select distinct
    'invoice', concat_ws('/', i.partner, i.country_code, i.party_id, i.id, i.content_hash)
    || '|' || i.invoice_id
from core.invoices as i
where i.valid_to_at is null
union all
select distinct
    'offer',
    concat_ws('/', k.partner, k.country_code, k.party_id, k.location_id) || '|'
    || bit_xor(hash(concat_ws('|', k.evse_uid, k.id, cast(k.tariff_ids as varchar))))
from core.connectors as k
group by k.partner, k.country_code, k.party_id, k.location_id
union all
select
    'tariff',
    concat_ws('/', t.partner, t.country_code, t.party_id, lower(t.id)) || '|'
    || concat_ws(
        '|', epoch_us(t.in_force_from_at),
        coalesce(cast(epoch_us(t.in_force_to_at) as varchar), ''), t.content_hash
    )
from tariffs_in_force() as t
union all
select
    'audit',
    concat_ws('/', p.partner, p.country_code, p.party_id, p.object_id) || '|' || one_way(
        p.pushed_at, p.pulled_at, p.unlisted_at
    )
from ops.push_audit as p
where p.module = 'cdrs' and one_way(p.pushed_at, p.pulled_at, p.unlisted_at) is not null
union all
select 'terms', $terms
union all
select 'rating', $rating
union all
-- Pages of runs whose clock was ahead: what they showed, the clock that is right judges anew.
select 'ahead', cast(count(*) as varchar)
from ops.pages as p
where p.fetched_at > $as_of
having count(*) > 0
