-- Whether a line counts in its statement's repriced total: its claim can be held against a price.
-- A price from energy or times that are disproved says nothing: one CDR in Wh for kWh would be
-- most of a month. Where claim and price agree, it is known all the same. Credited and rejected CDRs
-- are left out too, as what they claim is not owed.
create or replace macro is_repriced(kind, verdict, claimed, expected, cause, rules) as
kind = 'cdr'
and verdict in ('agreed', 'tolerated', 'underclaimed', 'overclaimed', 'disputed')
and claimed is not null and expected is not null
and (
    verdict in ('agreed', 'tolerated')
    or cause is null
    or not coalesce(
        list_has_any(
            list_append(rules, cause),
            [
                'WH_FOR_KWH', 'DURATION_IMPLAUSIBLE', 'END_NOT_AFTER_START',
                'ENERGY_EXCEEDS_POWER', 'ENERGY_IMPLAUSIBLE', 'ENERGY_NEGATIVE', 'IN_FUTURE',
                'PARKING_EXCEEDS_TOTAL', 'SENTINEL_TIME', 'SIGNED_DATA_MISMATCH'
            ]
        ),
        false
    )
)
