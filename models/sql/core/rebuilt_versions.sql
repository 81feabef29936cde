-- The new histories with their content: a version's content is found by its hash and the page
-- that brought it, in what we have or in what the pull brought. The id stays as first sent.
create or replace temp table rebuilt_versions as
with
contents as (
    select c.*
    from version_copies as c
    qualify row_number() over (
            partition by c.object, c.content_hash, c.page_id order by c.arrival desc
        ) = 1
),
ids as (
    select c.object, arg_min(c.id, c.arrival) as id
    from version_copies as c
    group by c.object
)
select
    c.* exclude (object, is_missing, arrival, known_row) replace (
        i.id as id,
        f.valid_from_at as valid_from_at,
        f.valid_to_at as valid_to_at,
        f.last_updated_at as last_updated_at,
        f.fetched_at as fetched_at
    )
from folded_versions as f
inner join ids as i on i.object = f.object
inner join contents as c
    on c.object = f.object and c.content_hash = f.content_hash and c.page_id = f.page_id
