-- What settlement rests on beside the CDRs that were judged: what reconciliation had seen, and how much,
-- what it found about other things than CDRs, and exchange rates.
select
    (select count(*) from recon.inputs where source <> 'contract') as inputs,
    (select sum(hash(source, value)) from recon.inputs where source <> 'contract') as seen,
    (select sum(hash(f)) from recon.findings as f where f.subject <> 'cdr') as found,
    (select sum(hash(q)) from settle_quotes as q) as rates
