-- recon_invoice_entries: every CDR id on a current invoice record, with the CDR it names. A record's ids
-- have 36 characters, a CDR's 39; both are CiStrings. `place` counts how often the id was listed. A record
-- that a connection in the partners file brings, too, is no longer one of a connection that left it.
create temp table recon_invoice_entries as
with entries as (
    select
        i.partner, i.country_code, i.party_id, i.id as record_id, i.invoice_id, i.valid_from_at,
        unnest(i.cdr_ids) as cdr_id,
        generate_subscripts(i.cdr_ids, 1) as position
    from core.invoices as i
    anti join superseded_objects('core.invoices', $former) as x
        on x.partner = i.partner and x.country_code = i.country_code
            and x.party_id = i.party_id and x.id = i.id
    where i.valid_to_at is null
),
numbered as (
    select
        e.*,
        lower(left(e.cdr_id, 36)) as cdr_key,
        row_number() over (
            partition by e.partner, e.country_code, e.party_id, lower(left(e.cdr_id, 36))
            order by e.valid_from_at, e.record_id, e.position
        ) as place
    from entries as e
)
select n.* from numbered as n
