"""geoopt's Riemannian optimisers, on torch tensors of the processor in float64.

They have no line search, so their step size needs a rule: it is halved when a hundred steps brought nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from prolong.extras import optional
from prolong_worker.bench.solver.start import munkres_start
from prolong_worker.bench.solver.trial import Trial
from prolong_worker.solve.graph_matrices import FloatArray

__all__ = ["adam", "gradient_descent", "warm_up"]

_PATIENCE = 100
_LEAST_STEP = 1e-12


def adam(trial: Trial) -> None:
    """`geoopt.optim.RiemannianAdam`."""
    _optimised(trial, "RiemannianAdam", lr=1e-2)


def gradient_descent(trial: Trial) -> None:
    """`geoopt.optim.RiemannianSGD` with momentum."""
    _optimised(trial, "RiemannianSGD", lr=1e-3, momentum=0.9)


def warm_up() -> None:
    """Load torch and geoopt and take a step, for the first one compiles. **Raises:** `MissingExtra`."""
    torch, geoopt = _libraries()
    for name in ("RiemannianAdam", "RiemannianSGD"):
        parameter, optimizer = _prepared(torch, geoopt, name, start=np.eye(3, 2), lr=1e-2)
        parameter.grad = torch.zeros_like(parameter)
        optimizer.step()


def _optimised(trial: Trial, name: str, **settings: float) -> None:
    torch, geoopt = _libraries()
    objective, start = munkres_start(trial)
    parameter, optimizer = _prepared(torch, geoopt, name, start=start, **settings)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=_PATIENCE)
    with _one_thread(torch):
        while optimizer.param_groups[0]["lr"] > _LEAST_STEP:
            # A copy: the optimiser writes into its tensor, and points that were evaluated stay as they were.
            here = trial.evaluate(objective, parameter.detach().numpy().copy())
            parameter.grad = torch.from_numpy(here.gradient)
            optimizer.step()
            schedule.step(here.value)


def _libraries() -> tuple[Any, Any]:
    torch = optional("torch", extra="bench", needed_for="geoopt's methods")
    return torch, optional("geoopt", extra="bench", needed_for="geoopt's methods")


def _prepared(torch: Any, geoopt: Any, name: str, *, start: FloatArray, **settings: float) -> tuple[Any, Any]:
    parameter = geoopt.ManifoldParameter(torch.from_numpy(start.copy()), manifold=geoopt.Stiefel())
    return parameter, getattr(geoopt.optim, name)([parameter], **settings)


@contextmanager
def _one_thread(torch: Any) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
