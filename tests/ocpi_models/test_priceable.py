"""CDRs of files as far as their price needs them: all at once and one by one give the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from object_samples import CDR, CDR_230, changed
from polars.testing import assert_frame_equal
from test_strict_decoder import PATHS, VALUES, broken

from models.ocpi import priceable
from models.ocpi.priceable import PriceableCdrs, read_priceable

SAMPLES = {"2.2.1": CDR, "2.3.0": CDR_230}
#: Members that tell the version of an object that does not say it.
MARKS = (
    *("auth_id", "evses", "invoice_id", "location", "max_price", "min_price", "parking_places"),
    *("tax_included", "tariffs__0__tax_included", "tariffs__0__max_price"),
)


def one_by_one(raws: list[bytes]) -> PriceableCdrs:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(priceable, "read_clean", lambda *_: [])
        return read_priceable(raws)


def assert_same(cdrs: list[Any]) -> None:
    raws = [json.dumps(cdr).encode() for cdr in cdrs]
    fast, slow = read_priceable(raws), one_by_one(raws)
    assert_frame_equal(fast.cdrs, slow.cdrs, check_exact=True)
    assert_frame_equal(fast.periods, slow.periods, check_exact=True)
    hashes = [[[one.content_hash for one in own] for own in read.tariffs] for read in (fast, slow)]
    assert hashes[0] == hashes[1]
    assert fast.refused == slow.refused


@pytest.mark.parametrize("version", SAMPLES)
def test_every_value_in_every_place(version: str) -> None:
    sample = SAMPLES[version]
    places = [(path, value) for path in (*PATHS, *MARKS) for value in VALUES]
    assert_same([broken(sample, [place]) for place in places])


CHANGES = st.lists(
    st.tuples(st.sampled_from((*PATHS, *MARKS)), st.sampled_from(VALUES)), max_size=3
)


@given(st.lists(st.tuples(st.sampled_from(list(SAMPLES)), CHANGES), min_size=1, max_size=5))
def test_files_of_both_versions_with_several_faults(cdrs: list[Any]) -> None:
    assert_same([broken(SAMPLES[version], changes) for version, changes in cdrs])


def test_clean_cdrs_of_both_versions_are_not_read_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(priceable, "read_cdr", None)
    cdrs = [CDR, CDR_230, changed(CDR, remark=7), changed(CDR_230, id="C2"), CDR]
    read = read_priceable([json.dumps(cdr).encode() for cdr in cdrs])

    assert read.cdrs["id"].to_list() == [cdr["id"] for cdr in cdrs]
    assert read.cdrs["total_cost_excl_vat"].null_count() == 0


def test_what_has_no_id_is_named_by_its_place_in_the_file() -> None:
    raws = [json.dumps(changed(CDR, id=None)).encode(), b"{", json.dumps({"id": "X"}).encode()]
    read = read_priceable(raws, first=40)

    assert read.cdrs["id"].to_list() == ["#40 (no id)"]
    assert [object_id for object_id, _ in read.refused] == [None, "X"]
