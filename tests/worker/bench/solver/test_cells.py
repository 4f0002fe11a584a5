"""Which cells there are."""

from __future__ import annotations

from collections import Counter

from prolong_worker.bench.solver.arms import ARMS
from prolong_worker.bench.solver.cells import Plan, planned
from prolong_worker.bench.solver.pairs import suite


def kinds(plan: Plan) -> Counter[str]:
    return Counter(cell.key.partition(":")[0] for cell in planned(plan))


def test_every_method_is_tried_on_every_pair_at_two_localities():
    pairs = suite(0)
    tried = sum(arm.takes(pair.coarse.n, pair.fine.n) for pair in pairs for arm in ARMS.values())
    exact = 2 * len(pairs) + 3 * sum(pair.commuting for pair in pairs)
    assert kinds(Plan(seconds=1)) == {"solver, compared": 2 * tried, "solver, exact": exact}


def test_long_cells_come_only_when_asked_for():
    found = kinds(Plan(seconds=1, quick=True, long=True))
    assert found["solver, long"] == 4
    assert found["solver, large"] == 1
    assert not {"solver, long", "solver, large"} & kinds(Plan(seconds=1, quick=True)).keys()


def test_keys_tell_apart_all_that_a_record_depends_on():
    plans = [
        Plan(seconds=1, pairs=["cycle:24"]),
        Plan(seconds=2, pairs=["cycle:24"]),
        Plan(seconds=1, pairs=["cycle:24"], seed=1),
        Plan(seconds=1, pairs=["cycle:24"], clock="wall"),
        Plan(seconds=1, pairs=["path:24"]),
    ]
    keys = [cell.key for plan in plans for cell in planned(plan)]
    assert len(set(keys)) == len(keys)


def test_a_record_says_what_was_measured():
    plan = Plan(seconds=0.05, pairs=["florentine"], arms=["pymanopt CG"])
    record = planned(plan)[0].run()
    assert (record["kind"], record["pair"], record["arm"]) == ("compared", "florentine -> karate", "pymanopt CG")
    assert (record["n_coarse"], record["n_fine"], record["locality"]) == (15, 34, 0.3)
    assert record["budget_seconds"] == 0.05
    assert record["peak_memory_gib"] > 0
