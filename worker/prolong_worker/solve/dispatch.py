"""`solve`: from a problem to an operator with its certificate.

The decision, in the order the code takes it:

1. `structure` is `"aggregation"`, or `method` is `"closed_form"`: the aggregation operator of paths, cycles and
   grids.
2. `method` is `"munkres"`: the 0-1 matching matrix of the source, as it is.
3. `method` is `"pymanopt_cg"` or `"pymanopt_trust_regions"`: PyManOpt as the source used it.
4. One term is the whole objective (s = 0 or s = 1): its exact optimum, from which no search could improve.
5. `method` is `"auto"` or `"spectral"`, both matrices of each graph commute and the scales are fixed: the global
   optimum by parametric assignment.
6. Otherwise (`method` is `"auto"` or `"stiefel"`) the search on the Stiefel manifold.
"""

from collections.abc import Callable, Sequence

from prolong.certificate import Outcome
from prolong.errors import InvalidInput
from prolong.operators import DenseOperator
from prolong.problem import Problem
from prolong_worker.solve.aggregation import aggregation_operator, matched_axes
from prolong_worker.solve.aggregation_certificate import aggregation_evidence
from prolong_worker.solve.certify import conclude, evidence_of
from prolong_worker.solve.commuting import commuting_optimum, commuting_pair, has_fixed_scales
from prolong_worker.solve.control import Control, Watch
from prolong_worker.solve.munkres import munkres_matrix
from prolong_worker.solve.pymanopt_plain import plain_optimum
from prolong_worker.solve.search import Search
from prolong_worker.solve.setting import Setting, setting_of
from prolong_worker.solve.solution import Found, Solution
from prolong_worker.solve.spectral import exact_operator
from prolong_worker.solve.starts import Start
from prolong_worker.solve.stiefel import Effort, stiefel_optimum


def solve(problem: Problem, *, control: Control | None = None) -> Solution:
    """The best operator found for a problem, its certificate attached.

    A search that runs out of time or is cancelled returns the best point so far; its outcome says so.

    Arguments:
        problem: what is asked.
        control: clock, cancellation and progress; by default there is no limit of time.

    Raises:
        InvalidInput: at `/method` or `/structure`, if the method does not fit the pair.
    """
    watch = Watch(control or Control(), problem.max_seconds)
    return solve_in(problem, lambda: setting_of(problem), watch)


def solve_in(
    problem: Problem, setting: Callable[[], Setting], watch: Watch, *, warm: Sequence[Start] = ()
) -> Solution:
    """`solve` for a problem whose matrices may be known already.

    Arguments:
        problem: for one locality.
        setting: gives the problem's matrices; called if a method needs them.
        watch: begins with the search.
        warm: further starts of the search on the manifold, if there is one.
    """
    if problem.structure == "aggregation" or problem.method == "closed_form":
        return _aggregate(problem, watch)
    return _search(problem, setting(), watch, warm)


def _aggregate(problem: Problem, watch: Watch) -> Solution:
    if problem.method not in {"auto", "closed_form"}:
        detail = f"aggregation operators are not searched for: use 'auto' or 'closed_form', not {problem.method!r}"
        raise InvalidInput.at("/method", detail, code="method_without_structure")
    axes = matched_axes(problem, "/structure" if problem.structure == "aggregation" else "/method")
    operator = aggregation_operator(axes)
    evidence = aggregation_evidence(problem, axes, operator)
    return Solution(operator.with_certificate(conclude(evidence, watch.seconds)))


def _search(problem: Problem, setting: Setting, watch: Watch, warm: Sequence[Start]) -> Solution:
    found = _found(problem, setting, watch, warm)
    certificate = conclude(evidence_of(setting, found), watch.seconds)
    return Solution(DenseOperator(found.point, certificate))


def _found(problem: Problem, setting: Setting, watch: Watch, warm: Sequence[Start]) -> Found:
    if problem.method == "munkres":
        return Found(munkres_matrix(setting.active[0]), Outcome.CLOSED_FORM, "munkres", 0)
    search = Search(setting.objective, setting.lower_bound, setting.rounding, watch, observe=watch.control.observe)
    if problem.method in {"pymanopt_cg", "pymanopt_trust_regions"}:
        return plain_optimum(setting, search, method=problem.method, tolerance=problem.tolerance)
    if len(setting.active) == 1:
        return exact_operator(setting)
    if problem.method != "stiefel":
        pair = commuting_pair(setting) if has_fixed_scales(setting) else None
        if pair is not None:
            return commuting_optimum(pair, setting, watch)
    if problem.method == "spectral":
        raise _not_spectral(setting)
    effort = Effort(problem.starts, problem.seed, problem.tolerance, warm)
    return stiefel_optimum(setting, search, effort)


def _not_spectral(setting: Setting) -> InvalidInput:
    reason = (
        "both matrices of each graph must commute (cycles, tori, hypercubes, complete graphs)"
        if has_fixed_scales(setting)
        else "alpha and beta must be numbers or 'auto'"
    )
    detail = f"'spectral' is exact for locality 0 and 1; in between {reason}: use 'auto' or 'stiefel'"
    return InvalidInput.at("/method", detail, code="not_spectral")
