-- CDRs of connections that left the partners file, each with the one that takes its place: of several that
-- bring the same object the one whose claim stands.
select
    s.partner, s.country_code, s.party_id, s.id,
    arg_min(s.by_partner, (s.by_former, is_copy, s.by_fetched_at, s.by_partner, s.by_id)) as by_partner,
    arg_min(s.by_id, (s.by_former, is_copy, s.by_fetched_at, s.by_partner, s.by_id)) as by_id
from (
    select
        c.*,
        coalesce(list_contains(r.rule_ids, 'CDR_DUPLICATE_SESSION'), false) as is_copy
    from superseded_cdrs($former) as c
    left join recon.cdrs as r
        on c.by_partner = r.partner and c.country_code = r.country_code
            and c.party_id = r.party_id and c.by_id = r.id
    -- A claim that was refused for being in another party's name takes nobody's place.
    anti join refused_for_party() as f
        on c.by_partner = f.partner and c.country_code = f.country_code
            and c.party_id = f.party_id and c.by_id = f.id
) as s
group by s.partner, s.country_code, s.party_id, s.id
order by all
