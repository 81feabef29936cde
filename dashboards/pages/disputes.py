"""Disputes: what is contested, for how long, and the queue to work through."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards import access, data, month_end, palette, services
from dashboards.charts import across
from dashboards.columns import cause_words
from dashboards.deciding import ACTIONS, NEEDS_TEXT, act, offer_settlement, possible
from dashboards.filters import any_of, month_or_all, one_of, partners, some_of
from dashboards.format import ABSENT, money, number, plain, timestamp, words
from dashboards.navigation import link
from dashboards.parts import heading, report_empty, reporting_refusals, table
from models.counts import count_label
from models.settle.causes import title_of
from models.settle.disputes import FOLLOWS, Dispute, current_state, escalation_of, steps_of

_HIDDEN: Final = (
    "rules",
    "changed_at",
    "changed_by",
    "country_code",
    "party_id",
    "dispute_id",
    "decided_state",
    "sent_on",
    "subject",
)
_OVERDUE: Final = {"reminder": "Reminder due", "escalation": "To escalate"}
# What lets money go is never decided about many at once on a page.
_ONE_BY_ONE: Final = ("withdrawn", "written_off")
_AGES: Final = {
    "0 to 30 days": palette.SKY,
    "31 to 60 days": palette.BLUE,
    "61 to 90 days": palette.ORANGE,
    "over 90 days": palette.VERMILION,
    "unknown": palette.GREY,
}


def draw() -> None:
    """Draw the page."""
    st.title("Disputes")
    cells = st.columns(4)
    with cells[0]:
        who = partners()
    with cells[1]:
        when = month_or_all()
    with cells[2]:
        reasons = data.query("disputes/reasons")["reason_code"].to_list()
        reason = any_of("Root cause", reasons, "reason", every="All causes", shown=title_of)
    with cells[3]:
        states = some_of("State", list(FOLLOWS), "state", every="All states")
    _ageing(who, when)
    _queue(who, when, reason, states)


def _ageing(who: list[str] | None, when: str | None) -> None:
    currencies = data.query("disputes/currencies", partners=who, month=when)
    if currencies.is_empty():
        return
    heading("Contested by root cause and age", "disputed", "ageing")
    cell, _ = st.columns([1, 3])
    with cell:
        currency = one_of("Currency", currencies["currency"].to_list(), "currency")
    if currency is None:
        return
    rows = data.query("disputes/ageing", partners=who, month=when, currency=currency)
    drawn = rows.filter(pl.col("place") <= 10)
    present = [age for age in _AGES if age in set(drawn["age"])]
    left, right = st.columns(2, gap="medium")
    with left:
        chart = across(
            drawn.with_columns(name=cause_words("reason_code")),
            category="name",
            hover=["reason_code"],
            value="contested_excl_vat",
            title=f"{currency} excl. VAT, contested",
            part="age",
            order=present,
            colours=[_AGES[age] for age in present],
        )
        st.altair_chart(chart, width="stretch")
    with right:
        table(
            rows,
            "ageing",
            empty="Nothing is contested.",
            height=300,
            hide=["total", "place"],
        )


def _queue(who: list[str] | None, when: str | None, reason: str | None, states: list[str]) -> None:
    heading("Queue", "disputed", "ageing")
    rows = data.query("disputes/queue", partners=who, month=when, reason=reason)
    standing = _as_it_stands(rows)
    if states:
        standing = standing.filter(pl.col("state").is_in(states))
    standing = _overdue(standing)
    chosen = table(
        standing.with_columns(pl.col("escalation").replace(_OVERDUE)),
        "disputes",
        empty="No dispute matches. Take a filter away.",
        labels={
            "subject_id": "Id",
            "escalation": "Overdue",
            "tax_amount": "VAT",
            "opened_excl_vat": "Opened at",
        },
        hide=_HIDDEN,
        height=310,
        selectable=True,
        absent=ABSENT,
    )
    if chosen:
        _work_on(chosen)
    else:
        st.caption("Choose a row to see its history and to decide.")
    if who and len(who) == 1 and standing.height > 1:
        _decide_on_all(standing)
    if who and len(who) == 1:
        _exchange(who[0], when)
    offer_settlement(access.visitor())


def _exchange(partner: str, when: str | None) -> None:
    """Offer the file of disputes that the partner fills in, and take its answers in."""
    with st.expander("Exchange with the partner"):
        for ending in ("json", "csv"):
            st.download_button(
                f"Download what is contested ({ending.upper()})",
                data.later(
                    partial(month_end.dispute_file, partner=partner, month=when, ending=ending)
                ),
                f"disputes-{partner}.{ending}",
                key=f"dispute_file_{ending}",
                icon=":material/download:",
                on_click="ignore",
            )
        visitor = access.visitor()
        if not visitor.may_decide:
            return
        with st.form("answers", border=False, clear_on_submit=True):
            answer = st.file_uploader("The file as the partner filled it in", key="answer_file")
            if not st.form_submit_button("Take answers in") or answer is None:
                return
        with reporting_refusals(), data.connection() as con:
            count = month_end.take_in_answer(con, answer.name, answer.getvalue(), visitor.name)
            st.success(f"Answers to {count_label(count, 'dispute')} taken in.")


def _overdue(rows: pl.DataFrame) -> pl.DataFrame:
    """Say how many disputes are overdue, which come first, and offer to see only those."""
    remind, escalate = (rows.filter(escalation=level).height for level in _OVERDUE)
    if not remind + escalate:
        return rows
    st.warning(
        f"Overdue, and first below: {count_label(remind, 'dispute')} to remind the partner of (a "
        f"letter is a reminder now), {count_label(escalate, 'dispute')} to escalate.",
        icon=":material/alarm:",
    )
    level = one_of(
        "Overdue", ["all", *_OVERDUE], "overdue", shown=lambda one: _OVERDUE.get(one, "All")
    )
    return rows.filter(escalation=level) if level in _OVERDUE else rows


def _decide_on_all(rows: pl.DataFrame) -> None:
    """Offer one decision about every dispute that the filters leave, where it may follow."""
    visitor = access.visitor()
    standing = list(rows.select("state", "decided_state").iter_rows())
    able = {
        name: rows.filter([bool(steps_of(name, *states)) for states in standing])
        for name in ACTIONS
        if name not in _ONE_BY_ONE
    }
    offered = [name for name, found in able.items() if found.height]
    if not visitor.may_decide or not offered:
        return
    with st.expander("Decide on all that match"), st.form("decide_all", border=False):
        name = st.selectbox(
            "Decision",
            offered,
            format_func=lambda n: f"{ACTIONS[n]} ({number(able[n].height)})",
            key="decision_on_all",
        )
        text = st.text_input("Reason or remark", key="said_on_all", max_chars=500)
        if st.form_submit_button("Decide on all", icon=":material/gavel:") and name:
            with reporting_refusals():
                act(visitor, able[name].to_dicts(), name, text)
                st.rerun()


def _as_it_stands(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with what people decided since the snapshot was published."""
    touched = services.all_disputes()
    names = ("owner", "due_on", "reason_code", "sent_on")
    known = pl.DataFrame(
        [(d.dispute_id, d.owner, d.due_on, d.reason_code, d.sent_on) for d in touched.values()],
        schema={"dispute_id": pl.String, **{name: rows.schema[name] for name in names}},
        orient="row",
    )
    states = [
        (
            current_state(state, changed_at, one := touched.get(key)),
            one.state if one else "detected",
        )
        for key, state, changed_at in rows.select("dispute_id", "state", "changed_at").iter_rows()
    ]
    joined = rows.join(known, on="dispute_id", how="left", suffix="_now", maintain_order="left")
    standing = joined.with_columns(
        *(pl.coalesce(f"{name}_now", name).alias(name) for name in names),
        pl.Series("state", [state for state, _ in states], pl.String),
        pl.Series("decided_state", [decided for _, decided in states], pl.String),
    ).select(*rows.columns, "decided_state")
    today, days = services.now().date(), services.letterhead().escalation_days
    levels = [
        escalation_of(state, due_on, today, days)
        for state, due_on in standing.select("state", "due_on").iter_rows()
    ]
    # The longest overdue first: `escalation` comes before `reminder`.
    return standing.with_columns(pl.Series("escalation", levels, pl.String)).sort(
        "escalation", nulls_last=True, maintain_order=True
    )


def _work_on(row: dict[str, Any]) -> None:
    dispute = services.dispute(row["dispute_id"])
    with st.container(border=True):
        left, right = st.columns([3, 2], gap="medium")
        with left:
            _what(row, dispute)
        with right:
            _decide(row, dispute)


def _what(row: dict[str, Any], dispute: Dispute) -> None:
    opened, sent, tax = "", "", ""
    if row["tax_amount"]:
        tax = f", {money(row['tax_amount'], row['currency'])} of VAT"
    if dispute.sent_on is not None and row["escalation"]:
        sent = f" · first sent {dispute.sent_on}, due {row['due_on']}: {row['escalation']}"
    if dispute.amount_excl_vat is not None:
        opened = f", {money(dispute.amount_excl_vat, row['currency'])} as it was opened"
    st.markdown(
        f"**{words(row['state'])}** · {money(row['contested_excl_vat'], row['currency'])} "
        f"contested{tax}{opened} · {plain(row['subject'])} {plain(row['subject_id'])}{sent}"
    )
    st.text(row["message"] or "No finding contests it any more.")
    if row["subject"] == "cdr":
        link(
            "cdr",
            "Open the CDR",
            icon="receipt_long",
            partner=row["partner"],
            country_code=row["subject_country_code"],
            party_id=row["subject_party_id"],
            id=row["subject_id"],
        )
    if not dispute.history:
        st.caption("Nobody has decided anything about it yet.")
    for event in dispute.history:
        said = event.data.get("text") or event.data.get("reason")
        st.text(
            f"{timestamp(event.at)}  {words(event.name)} by {event.who}"
            + (f": {said}" if said else "")
        )


def _decide(row: dict[str, Any], dispute: Dispute) -> None:
    visitor = access.visitor()
    able = possible(row["state"], dispute.state)
    if not visitor.may_decide:
        st.caption("Your role may look, not decide.")
        return
    if not able:
        report_empty("It is closed: nothing more can be done.")
        return
    with st.form(f"decide_{row['dispute_id']}", border=False, clear_on_submit=True):
        name = st.selectbox("Decision", able, format_func=lambda n: ACTIONS[n], key="decision")
        wanted = sorted({NEEDS_TEXT[n] for n in able if n in NEEDS_TEXT})
        text = st.text_input(" / ".join(wanted) or "Remark", key="said", max_chars=500)
        done = st.form_submit_button("Decide", type="primary", icon=":material/gavel:")
    if done and name:
        with reporting_refusals():
            act(visitor, [row], name, text)
            st.rerun()


if __name__ == "__main__":
    draw()
