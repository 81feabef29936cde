-- The stable id of a dispute, from the key of what it is about.
create or replace macro dispute_id(partner, country_code, party_id, subject, subject_id) as
'D-' || substr(
    sha256(concat_ws('/', partner, country_code, party_id, subject, subject_id)), 1, 16
)
