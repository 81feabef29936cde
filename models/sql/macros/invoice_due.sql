-- What is due of an amount billed for a claim: as billed, less what the statement holds back, where it is
-- the claim within tolerance; else never more than is payable, and never more than is billed.
create or replace macro invoice_due(billed, claimed, payable, tolerance) as
case
    when abs(billed - claimed) <= tolerance then billed - (claimed - payable)
    when claimed < 0 then greatest(billed, payable)
    else least(billed, payable)
end
