"""Riemannian quasi-Newton optimisation for PyManOpt, usable with any of its problems and manifolds.

result = LBFGS(memory=10).run(pymanopt.Problem(manifold, cost, preconditioner=...), initial_point=point)
"""

from prolong_worker.solve.quasi_newton.line_search import Backtracking
from prolong_worker.solve.quasi_newton.optimizer import LBFGS

__all__ = ["LBFGS", "Backtracking"]
