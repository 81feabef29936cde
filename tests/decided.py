"""One decision about one dispute, as tests take them."""

from collections.abc import Mapping

from models.settle.disputes import Dispute
from pipelines.decisions.store import Decision, DecisionsStore


def decide(
    store: DecisionsStore, dispute_id: str, name: str, who: str, data: Mapping[str, str] = {}
) -> Dispute:
    return store.decide_all([Decision(dispute_id, name, data)], who)[0]
