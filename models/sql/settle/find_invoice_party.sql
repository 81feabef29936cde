-- Whose CDRs the words of an invoice name, the party with the most first; null: any partner.
select c.partner, c.country_code, c.party_id, count(*) as cdrs
from core.cdrs as c
where ($partner is null or c.partner = $partner)
    and (
        left(lower(c.id), 36) in (select left(lower(word), 36) from invoice_words)
        or lower(c.session_id) in (select lower(word) from invoice_words)
    )
group by c.partner, c.country_code, c.party_id
order by cdrs desc, c.partner, c.country_code, c.party_id
