-- invoice_releases: what each credit note gives back of what the findings of other invoices contest. What
-- the statement holds back of a CDR is that CDR's dispute (invoice_credits).
create or replace temp table invoice_releases as
with lines as (
    select
        f.i,
        case when e.n is null then f.contested_excl_vat
            else
                greatest(
                    f.contested_excl_vat,
                    greatest(e.billed_after - e.claimed_excl_vat, 0)
                    - greatest(e.billed_before - e.claimed_excl_vat, 0)
                )
        end as given_back_excl_vat
    from invoice_line_facts as f
    left join invoice_events as e on f.n = e.n
    where f.contested_excl_vat < 0
),

notes as (
    select i, -sum(given_back_excl_vat) as released_excl_vat from lines group by i
),

contested as (
    select i, sum(contested_excl_vat - held_excl_vat) as contested_excl_vat
    from invoice_line_facts
    group by i
)

select
    n.i,
    case when d.is_credit_of_whole
            then greatest(least(n.released_excl_vat, w.contested_excl_vat), 0)
        else n.released_excl_vat
    end as released_excl_vat
from notes as n
inner join invoice_documents as d on n.i = d.i
left join contested as w on d.corrected = w.i
where d.is_credit and d.replaced_by is null
