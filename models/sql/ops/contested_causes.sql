-- Why CDRs of a month are contested: the root cause where there is one, else the rule.
select
    line.partner,
    coalesce(nullif(verdict.cause, 'unknown'), verdict.main_rule_id, verdict.verdict) as cause,
    count(*) as cdrs,
    line.currency,
    sum(line.disputed_excl_vat + line.rejected_excl_vat) as contested_excl_vat
from settle.statement_lines as line
inner join recon.cdrs as verdict
    on verdict.partner = line.partner and verdict.country_code = line.cdr_country_code
        and verdict.party_id = line.cdr_party_id and verdict.id = line.cdr_id
where line.month = $month
    and (line.disputed_excl_vat <> 0 or line.rejected_excl_vat <> 0)
group by all
order by contested_excl_vat desc, partner, cause, currency
