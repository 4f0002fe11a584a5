"""The solver: a problem in, an operator with its certificate out. Pure numerics; no I/O, no clock of its own.

solution = solve(problem, control=Control(clock=time.monotonic))
solution.operator.certificate.gap
"""

from prolong_worker.solve.comparison import compare_all, compare_pair
from prolong_worker.solve.control import Control
from prolong_worker.solve.dispatch import solve
from prolong_worker.solve.solution import Solution
from prolong_worker.solve.sweep import solve_sweep

__all__ = ["Control", "Solution", "compare_all", "compare_pair", "solve", "solve_sweep"]
