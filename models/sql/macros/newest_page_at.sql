-- When the newest page of a partner was fetched (null: of any): what ages and deadlines count from. A run
-- whose pages lie more than a day ahead of a later pull of their list had a wrong clock: its times count
-- for nothing.
create or replace macro newest_page_at(of_partner) as (
    select max(p.fetched_at)
    from ops.pages as p
    where (of_partner is null or p.partner = of_partner)
        and coalesce(p.run_id, '') not in (
            select g.run_id
            from ops.pages as g
            inner join (
                select n.partner, n.module, max_by(n.fetched_at, n.page_id) as last_at
                from ops.pages as n
                group by n.partner, n.module
            ) as l on g.partner = l.partner and g.module = l.module
            where g.fetched_at > l.last_at + interval 1 day and g.run_id is not null
        )
)
