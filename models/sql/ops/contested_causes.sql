-- Why CDRs of a month are contested: the root cause where there is one, else the rule.
select
  lines.partner,
  coalesce(nullif(judged.cause, 'unknown'), judged.main_rule_id, judged.verdict) as cause,
  count(*) as cdrs,
  lines.currency,
  sum(lines.disputed_excl_vat + lines.rejected_excl_vat) as contested_excl_vat
from settle.statement_lines as lines
join recon.cdrs as judged
  on judged.partner = lines.partner and judged.country_code = lines.cdr_country_code
  and judged.party_id = lines.cdr_party_id and judged.id = lines.cdr_id
where lines.month = $month
  and (lines.disputed_excl_vat <> 0 or lines.rejected_excl_vat <> 0)
group by all
order by contested_excl_vat desc, partner, cause, currency
