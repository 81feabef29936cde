-- Every fact about the CDRs in focus from `low` to `high`, one row for each.
with chunk as (
    select f.* from recon_focus as f where f.n between $low and $high
),
prices as (
    select
        k.n, r.source, r.state, r.reason, r.input_hash,
        r.expected_excl_vat, r.expected_incl_vat, r.billed_energy_kwh, r.billed_time_h,
        r.tariff_ids, r.notes,
        r.energy_cost_excl_vat, r.time_cost_excl_vat, r.parking_cost_excl_vat,
        r.fixed_cost_excl_vat, r.reservation_cost_excl_vat
    from rating.cdrs as r
    join chunk as k
        on k.partner = r.partner and k.country_code = r.country_code
            and k.party_id = r.party_id and k.id = r.cdr_id
),
-- The terms of the month that the CDR is settled in.
agreed as (
    select k.n, s.* exclude (partner, from_at, until_at)
    from chunk as k
    join core.cdrs as c on c.rowid = k.n and c.rowid between $low and $high
    join recon_terms as t on t.partner = k.partner
    join recon_spans as s
        on s.partner = k.partner
            and settled_at(t.month_basis, c.end_at, c.last_updated_at, c.fetched_at) >= s.from_at
            and settled_at(t.month_basis, c.end_at, c.last_updated_at, c.fetched_at) < s.until_at
),
-- The price that the contract prefers, else the published one, else the CDR's own.
chosen as (
    select p.*
    from prices as p
    join agreed as t on t.n = p.n
    where p.state = 'priced'
    qualify row_number() over (
            partition by p.n order by p.source <> t.tariff_source, p.source desc
        ) = 1
),
refused as (
    select
        x.partner, x.country_code, x.party_id, lower(x.id) as id_key,
        cast(count(*) as bigint) as refused_copies,
        max_by(x.total_cost_excl_vat, (x.fetched_at, x.content_hash)) as refused_excl_vat
    from core.cdr_conflicts as x
    group by x.partner, x.country_code, x.party_id, lower(x.id)
)
select
    f.n,
    c.partner, c.country_code, c.party_id, c.id, c.id as subject_id,
    c.session_id, c.start_at, c.end_at, c.last_updated_at, c.fetched_at,
    c.currency, c.country,
    c.location_id, c.location_name, c.evse_uid, c.evse_id, c.connector_id, c.token_uid, cl.token_type,
    c.auth_method, c.authorization_reference, c.booking_id,
    c.credit, c.credit_reference_id, c.home_charging_compensation, c.signed_data,
    c.total_energy_kwh, c.total_time_h, c.total_parking_time_h,
    c.total_cost_excl_vat as claimed_excl_vat,
    c.total_cost_incl_vat as claimed_incl_vat,
    c.total_energy_cost_excl_vat as claimed_energy_cost_excl_vat,
    c.total_time_cost_excl_vat as claimed_time_cost_excl_vat,
    c.total_parking_cost_excl_vat as claimed_parking_cost_excl_vat,
    c.total_fixed_cost_excl_vat as claimed_fixed_cost_excl_vat,
    c.total_reservation_cost_excl_vat as claimed_reservation_cost_excl_vat,
    ac.tolerance_absolute, ac.tolerance_relative, ac.reverse_charge, ac.contract_currency,
    ac.billing, ac.tariff_source as agreed_source, t.parties_known,
    a.partner is not null or not t.parties_known as party_accepted,
    o.invoices_offered,
    case
        when o.invoices_offered then timezone(
                t.time_zone,
                date_trunc('month', timezone(
                    t.time_zone,
                    settled_at(t.month_basis, c.end_at, c.last_updated_at, c.fetched_at)
                )) + interval 1 month
            )
    end as month_closed_at,
    p.energy_kwh as period_energy_kwh, p.least_energy_kwh as least_period_energy_kwh,
    p.time_h as period_time_h, p.parking_h as period_parking_h,
    p.reservation_h as period_reservation_h,
    coalesce(p.reservation_expired, false)
    or coalesce(upper(c.evse_uid) = '#NA' or upper(c.evse_id) = '#NA', false) as reservation_expired,
    p.out_of_order as periods_out_of_order, p.outside as periods_outside,
    p.reservation_s,
    s.id as matched_session_id, s.status as session_status,
    s.energy_kwh as session_energy_kwh, s.total_cost_excl_vat as session_cost_excl_vat,
    s.token_uid as session_token_uid,
    s.authorization_reference as session_authorization_reference,
    case
        when s.id is not null then 'matched'
        when o.sessions_offered then 'missing'
        else 'not_offered'
    end as session_match,
    case when o.locations_offered then coalesce(l.location_known, false) end as location_known,
    coalesce(l.evse_known, false) as evse_known,
    l.power_kw as connector_power_kw,
    case coalesce(c.connector_power_type, l.power_type)
        when 'DC' then 'DC'
        else left(coalesce(c.connector_power_type, l.power_type), 2)
    end as power_type,
    case when o.tokens_known and c.token_uid is not null then k.n is not null end as token_known,
    case when not k.is_valid_somewhere then k.blocked_at end as token_blocked_at,
    g.outage_s, g.status as outage_status,
    coalesce(x.refused_copies, 0) as refused_copies, x.refused_excl_vat,
    one_way(pp.pushed_at, pp.pulled_at, pp.unlisted_at) as came_one_way,
    du.first_id as duplicate_of_id, du.first_partner as duplicate_of_partner,
    du.standing_by as duplicate_of_standing,
    nd.first_id as near_duplicate_of_id,
    oe.other_id as evse_overlap_id, oe.overlap_s as evse_overlap_s,
    case when ot.other_connector_key <> cl.connector_key then ot.other_id end as token_overlap_id,
    case when ot.other_connector_key <> cl.connector_key then ot.overlap_s end as token_overlap_s,
    tr.from_id as travel_from_id, tr.travel_s, tr.travel_km, tr.km_per_h as travel_km_per_h,
    pe.price_per_kwh, pe.peers_median, pe.peers_mad,
    cr.original_n, cr.original_id, cr.original_excl_vat,
    coalesce(cr.is_exact, false) as credit_is_exact,
    coalesce(cr.is_honoured, false) as credit_is_honoured,
    cr.first_id as first_credit_id, cr.taken_back_kwh,
    coalesce(ca.is_whole or (cr.is_exact and cr.is_honoured), false) as is_cancelled_pair,
    ca.credited_by_id,
    case when ca.is_whole then 0
        else greatest(0, least(coalesce(ca.credited_excl_vat, 0), c.total_cost_excl_vat))
    end as taken_off_excl_vat,
    re.replaced_by_id,
    coalesce(i.invoice_id, c.invoice_reference_id) as invoice_id,
    ta.differing_tariff_id, ta.vat_rate_low, ta.vat_rate_high,
    em.state as embedded_state, em.reason as embedded_reason,
    em.expected_excl_vat as expected_embedded_excl_vat,
    em.expected_incl_vat as expected_embedded_incl_vat,
    pu.state as published_state, pu.reason as published_reason,
    pu.expected_excl_vat as expected_published_excl_vat,
    pu.expected_incl_vat as expected_published_incl_vat,
    ag.expected_excl_vat as expected_agreement_excl_vat,
    ag.expected_incl_vat as expected_agreement_incl_vat,
    ch.source as tariff_source, ch.expected_excl_vat, ch.expected_incl_vat,
    ch.billed_energy_kwh, ch.billed_time_h, ch.tariff_ids, ch.notes,
    ch.energy_cost_excl_vat as expected_energy_cost_excl_vat,
    ch.time_cost_excl_vat as expected_time_cost_excl_vat,
    ch.parking_cost_excl_vat as expected_parking_cost_excl_vat,
    ch.fixed_cost_excl_vat as expected_fixed_cost_excl_vat,
    ch.reservation_cost_excl_vat as expected_reservation_cost_excl_vat,
    coalesce(list_contains(ch.notes, 'LIMIT_APPLIED'), false) as limit_applied,
    coalesce(li.limit_excl_vat, 0) as limit_excl_vat,
    md5(coalesce(em.input_hash, '') || '/' || coalesce(pu.input_hash, '')) as rating_hash
from chunk as f
join recon_claims as cl on cl.n = f.n and cl.n between $low and $high
join core.cdrs as c on c.rowid = f.n and c.rowid between $low and $high
join recon_terms as t on t.partner = f.partner
join agreed as ac on ac.n = f.n
join recon_offers as o on o.partner = f.partner
left join recon_parties as a
    on a.partner = c.partner and a.country_code = c.country_code and a.party_id = c.party_id
left join recon_periods as p on p.n = f.n and p.n between $low and $high
left join recon_sessions as s on s.n = f.n and s.n between $low and $high
left join recon_places as l
    on l.partner = c.partner and l.country_code = c.country_code and l.party_id = c.party_id
        and l.location_id is not distinct from c.location_id
        and l.evse_uid is not distinct from c.evse_uid
        and l.evse_id is not distinct from c.evse_id
        and l.connector_id is not distinct from c.connector_id
left join recon_tokens as k on k.n = f.n and k.n between $low and $high
left join recon_outages as g on g.n = f.n and g.n between $low and $high
left join refused as x
    on x.partner = c.partner and x.country_code = c.country_code
        and x.party_id = c.party_id and x.id_key = cl.id_key
left join ops.push_audit as pp
    on pp.module = 'cdrs' and pp.partner = c.partner and pp.country_code = c.country_code
        and pp.party_id = c.party_id and pp.object_id = cl.id_key
left join recon_duplicates as du on du.n = f.n and du.n between $low and $high
left join recon_near_duplicates as nd on nd.n = f.n and nd.n between $low and $high
left join recon_overlaps as oe
    on oe.n = f.n and oe.resource = 'connector' and oe.n between $low and $high
left join recon_overlaps as ot
    on ot.n = f.n and ot.resource = 'token' and ot.n between $low and $high
left join recon_travel as tr on tr.n = f.n and tr.n between $low and $high
left join recon_peers as pe on pe.n = f.n and pe.n between $low and $high
left join recon_credits as cr on cr.n = f.n and cr.n between $low and $high
left join recon_cancellations as ca on ca.n = f.n and ca.n between $low and $high
left join recon_replacements as re on re.n = f.n and re.n between $low and $high
left join recon_cdr_invoices as i on i.n = f.n and i.n between $low and $high
left join recon_carried_tariffs as ta on ta.n = f.n and ta.n between $low and $high
left join prices as em on em.n = f.n and em.source = 'embedded'
left join prices as pu on pu.n = f.n and pu.source = 'published'
left join prices as ag on ag.n = f.n and ag.source = 'agreement'
left join chosen as ch on ch.n = f.n
left join recon_limits as li
    on li.n = f.n and li.source = ch.source and li.n between $low and $high
