-- Rows of lines (the name of a table), each with the name that its CDR has now: one of a partner that
-- left is that of the partner which brings it (settle_superseded), whose name is `cdr_partner`.
create or replace macro named_now(lines) as table
    select
        l.* replace (coalesce(x.by_id, l.cdr_id) as cdr_id),
        coalesce(x.by_partner, l.partner) as cdr_partner
    from query_table(lines) as l
    left join settle_superseded as x
        on l.partner = x.partner and l.cdr_country_code = x.country_code
            and l.cdr_party_id = x.party_id and l.cdr_id = x.id
