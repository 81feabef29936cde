-- How far a dispute is overdue, as models.settle.disputes.escalation_of: a reminder once the partner should
-- have answered, an escalation so many days after; null: it is not, or nobody waits for an answer.
create or replace macro dispute_escalation(state, due_on, today, days) as
case
    when state not in ('open', 'sent', 'escalated') or due_on is null or due_on >= today then null
    when state <> 'escalated' and date_add(due_on, to_days(days)) < today then 'escalation'
    else 'reminder'
end
