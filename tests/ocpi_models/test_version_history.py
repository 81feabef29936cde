"""Each rule of `models.ocpi.history`, and what must hold for any history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from models.ocpi.history import Observation, Version, fold

T0 = datetime(2026, 10, 1, tzinfo=UTC)


def at(hours: float) -> datetime:
    return T0 + timedelta(hours=hours)


def seen(content: str, updated: float | None, fetched: float) -> Observation:
    stated = None if updated is None else at(updated)
    return Observation(content, stated, at(fetched), f"page-{fetched:09.3f}")


def told(history: tuple[Version, ...]) -> list[tuple[str, float, float | None]]:
    """Content, from, to; in hours."""

    def hours(moment: datetime) -> float:
        return (moment - T0) / timedelta(hours=1)

    return [
        (
            v.content_hash,
            hours(v.valid_from_at),
            None if v.valid_to_at is None else hours(v.valid_to_at),
        )
        for v in history
    ]


def test_first_copy_is_valid_from_its_own_last_updated() -> None:
    assert told(fold((), [seen("a", 1, 10)])) == [("a", 1, None)]


def test_first_copy_without_last_updated_is_valid_from_the_fetch() -> None:
    assert told(fold((), [seen("a", None, 10)])) == [("a", 10, None)]


def test_last_updated_ahead_of_the_fetch_counts_as_the_fetch() -> None:
    assert told(fold((), [seen("a", 99, 10)])) == [("a", 10, None)]


def test_bump_without_change_is_no_version_but_is_remembered() -> None:
    history = fold((), [seen("a", 1, 10), seen("a", 5, 11)])
    assert told(history) == [("a", 1, None)]
    assert history[0].last_updated_at == at(5)
    assert history[0].page_id == seen("a", 1, 10).page_id


def test_change_with_moved_last_updated_is_valid_from_it() -> None:
    assert told(fold((), [seen("a", 1, 10), seen("b", 10.5, 11)])) == [
        ("a", 1, 10.5),
        ("b", 10.5, None),
    ]


def test_change_without_moved_last_updated_is_valid_from_the_fetch() -> None:
    assert told(fold((), [seen("a", 1, 10), seen("b", 1, 11)])) == [("a", 1, 11), ("b", 11, None)]


def test_moved_but_before_the_version_it_follows_is_valid_from_the_fetch() -> None:
    history = fold((), [seen("a", 1, 10), seen("b", 1, 11), seen("c", 2, 12)])
    assert told(history) == [("a", 1, 11), ("b", 11, 12), ("c", 12, None)]


def test_content_that_comes_back_is_a_third_version() -> None:
    history = fold((), [seen("a", 1, 10), seen("b", 10.5, 11), seen("a", 11.5, 12)])
    assert told(history) == [("a", 1, 10.5), ("b", 10.5, 11.5), ("a", 11.5, None)]


def test_late_copy_between_two_versions_goes_between_them() -> None:
    history = fold((), [seen("a", 1, 10), seen("c", 8, 11), seen("b", 4, 12)])
    assert told(history) == [("a", 1, 4), ("b", 4, 8), ("c", 8, None)]


def test_late_copy_before_the_first_version_goes_first() -> None:
    assert told(fold((), [seen("b", 4, 10), seen("a", 1, 11)])) == [("a", 1, 4), ("b", 4, None)]


def test_late_copy_of_the_next_version_makes_that_one_longer() -> None:
    history = fold((), [seen("a", 1, 10), seen("b", 8, 11), seen("b", 4, 12)])
    assert told(history) == [("a", 1, 4), ("b", 4, None)]


def test_late_copy_of_what_was_valid_then_changes_nothing() -> None:
    history = fold((), [seen("a", 1, 10), seen("b", 8, 11)])
    assert fold(history, [seen("a", 4, 12)]) == history


def test_late_copy_amid_a_confirmed_version_splits_it() -> None:
    history = fold((), [seen("a", 1, 10), seen("a", 7, 11), seen("b", 4, 12)])
    assert told(history) == [("a", 1, 4), ("b", 4, 7), ("a", 7, None)]


def test_late_other_content_for_the_same_moment_is_not_believed() -> None:
    history = fold((), [seen("a", 1, 10), seen("b", 8, 11)])
    assert fold(history, [seen("z", 1, 12)]) == history


def test_complete_list_is_current_though_its_stamp_went_back() -> None:
    history = fold((), [seen("a", 9, 10)])
    corrected = fold(history, [seen("b", 5, 12)], is_complete_list=True)
    assert told(corrected) == [("a", 9, 12), ("b", 12, None)]
    assert told(fold(corrected, [seen("c", 7, 13)])) == [
        ("a", 9, 12),
        ("b", 12, 13),
        ("c", 13, None),
    ]


def test_complete_list_lowers_the_stamp_of_the_same_content() -> None:
    history = fold((), [seen("a", 1, 10), seen("a", 9, 11)])
    lowered = fold(history, [seen("a", 5, 12)], is_complete_list=True)
    assert lowered[-1].last_updated_at == at(5)
    assert told(lowered) == [("a", 1, None)]


def test_older_copy_within_a_complete_list_is_late() -> None:
    listed = [seen("b", 5, 12), seen("a", 1, 12.5)]
    assert told(fold((), listed, is_complete_list=True)) == [("a", 1, 5), ("b", 5, None)]


def test_removal_ends_the_current_version() -> None:
    assert told(fold((), [seen("a", 1, 10)], removed_at=at(20))) == [("a", 1, 20)]


def test_removal_of_what_is_gone_changes_nothing() -> None:
    gone = fold((), [seen("a", 1, 10)], removed_at=at(20))
    assert fold(gone, [], removed_at=at(30)) == gone


def test_reappearing_begins_a_new_version_when_seen() -> None:
    gone = fold((), [seen("a", 1, 10)], removed_at=at(20))
    assert told(fold(gone, [seen("a", 1, 30)])) == [("a", 1, 20), ("a", 30, None)]


def test_late_copy_before_a_removal_ends_with_it() -> None:
    gone = fold((), [seen("a", 1, 10)], removed_at=at(20))
    back = fold(gone, [seen("c", 25, 30)])
    assert told(fold(back, [seen("b", 12, 31)])) == [("a", 1, 12), ("b", 12, 20), ("c", 30, None)]


def test_late_copy_before_a_removal_does_not_bridge_the_absence() -> None:
    gone = fold((), [seen("a", 1, 10)], removed_at=at(20))
    back = fold(gone, [seen("b", 25, 30)])
    assert told(fold(back, [seen("b", 12, 31)])) == [("a", 1, 12), ("b", 12, 20), ("b", 30, None)]


def test_late_copy_within_an_absence_ends_when_the_object_came_back() -> None:
    gone = fold((), [seen("a", 1, 10)], removed_at=at(20))
    back = fold(gone, [seen("c", 25, 30)])
    assert told(fold(back, [seen("b", 22, 31)])) == [("a", 1, 20), ("b", 22, 30), ("c", 30, None)]


steps = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "gone"]),
        st.one_of(st.none(), st.integers(0, 14)),
    ),
    max_size=12,
)


def replay(moves: list[tuple[str, int | None]]) -> tuple[Version, ...]:
    """One move an hour: a copy with some `last_updated`, or a full pull without the object."""
    history: tuple[Version, ...] = ()
    for hour, (content, updated) in enumerate(moves):
        if content == "gone":
            history = fold(history, [], removed_at=at(hour))
        else:
            history = fold(history, [seen(content, updated, hour + 0.5)])
    return history


@given(steps)
def test_versions_never_overlap_and_only_the_last_is_open(
    moves: list[tuple[str, int | None]],
) -> None:
    history = replay(moves)
    for earlier, later in pairwise(history):
        assert earlier.valid_to_at is not None
        assert earlier.valid_from_at < earlier.valid_to_at <= later.valid_from_at
    for version in history:
        assert version.valid_to_at is None or version.valid_from_at < version.valid_to_at


copies = st.lists(
    st.tuples(st.sampled_from("abc"), st.one_of(st.none(), st.integers(0, 14))), max_size=12
)


def observed(pairs: list[tuple[str, int | None]]) -> list[Observation]:
    return [seen(content, updated, hour + 0.5) for hour, (content, updated) in enumerate(pairs)]


@given(copies, st.integers(0, 12))
def test_history_does_not_depend_on_how_it_was_cut(
    pairs: list[tuple[str, int | None]], cut: int
) -> None:
    all_at_once = fold((), observed(pairs))
    assert fold(fold((), observed(pairs)[:cut]), observed(pairs)[cut:]) == all_at_once


# A version does not remember when an unstamped copy of it was last seen, so that a partner that
# stamps only some copies has no order of them beyond that of fetching.
all_stamped = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 14)), max_size=12)
none_stamped = st.lists(st.tuples(st.sampled_from("abc"), st.none()), max_size=12)


@given(all_stamped | none_stamped)
def test_newest_copy_is_current(pairs: list[tuple[str, int | None]]) -> None:
    seen_copies = observed(pairs)
    history = fold((), seen_copies)
    if seen_copies:
        newest = max(seen_copies, key=lambda o: (o.last_updated_at or o.fetched_at, o.page_id))
        assert history[-1].content_hash == newest.content_hash
        assert history[-1].valid_to_at is None


@given(copies)
def test_showing_the_last_copy_again_changes_nothing(pairs: list[tuple[str, int | None]]) -> None:
    history = fold((), observed(pairs))
    assert fold(history, observed(pairs)[-1:]) == history


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), min_size=1, max_size=12))
def test_orderly_history_is_its_runs(pairs: list[tuple[str, bool]]) -> None:
    """Copies in order, each either stamped half an hour before the fetch or not moved at all."""
    copies, expected = [], []
    updated = -0.5
    for hour, (content, moved) in enumerate(pairs):
        updated = hour - 0.25 if moved else updated
        copies.append(seen(content, updated, hour))
        if not expected or expected[-1][0] != content:
            expected.append((content, updated if moved or not expected else hour))
    assert [(content, start) for content, start, _ in told(fold((), copies))] == expected
