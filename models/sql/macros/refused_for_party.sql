-- Claims that were refused for being in another party's name: whoever sends them bills nothing of it.
create or replace macro refused_for_party() as table
    select partner, country_code, party_id, id
    from recon.cdrs
    where verdict = 'rejected' and list_contains(rule_ids, 'PARTY_NOT_PARTNERS')
