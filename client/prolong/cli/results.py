"""What a command does with an operator: writes it, draws it, and prints what is proved about it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from prolong import formats
from prolong.certificate import Certificate
from prolong.cli.terminal import say
from prolong.operators import Operator
from prolong.plots import operator_image

__all__ = ["certificate_table", "deliver", "document", "number", "written"]

_ABSENT = "-"


def deliver(operator: Operator, options: argparse.Namespace, *, key: str, title: str | None = None) -> None:
    """Do what `prolong.cli.arguments.add_results` let the caller ask for; what may lack its extra comes last."""
    if options.out is not None:
        options.out.write_bytes(written(operator, options.out))
    say(json.dumps(document(operator, key), indent=2) if options.json else _report(operator, key, title))
    if options.plot is not None:
        options.plot.write_bytes(operator_image(operator, title=title))


def written(operator: Operator, path: Path) -> bytes:
    """The operator in the form that the ending of `path` names."""
    return formats.to_npz(operator) if path.suffix.lower() == ".npz" else formats.to_bytes(operator)


def document(operator: Operator, key: str) -> dict[str, Any]:
    """What `--json` says about one operator."""
    certificate = operator.certificate
    return {
        "key": key,
        "operator": {"shape": operator.shape, "kind": operator.kind, "nnz": operator.nnz},
        "certificate": None if certificate is None else certificate.model_dump(mode="json"),
    }


def number(value: float | None, digits: int = 6) -> str:
    """A number as tables show it."""
    return _ABSENT if value is None else f"{value:.{digits}g}"


def certificate_table(certificate: Certificate) -> list[tuple[str, str]]:
    """The rows of a certificate: a name and its value as text."""
    return [
        ("objective", number(certificate.objective, 8)),
        ("  diffusion term", number(certificate.diffusion, 8)),
        ("  locality term", number(certificate.locality, 8)),
        ("alpha", number(certificate.alpha)),
        ("beta", number(certificate.beta)),
        ("lower bound", number(certificate.lower_bound, 8)),
        ("gap", f"{100 * certificate.gap:.4g} %"),
        ("proof", str(certificate.proof)),
        ("outcome", f"{certificate.outcome}: {certificate.outcome.text}"),
        ("method", certificate.method),
        ("iterations", str(certificate.iterations)),
        ("seconds", f"{certificate.seconds:.3f}"),
        ("orthonormality error", f"{certificate.orthonormality_error:.2g}"),
        ("gradient norm", number(certificate.gradient_norm, 3)),
    ]


def _report(operator: Operator, key: str, title: str | None) -> str:
    n_fine, n_coarse = operator.shape
    rows = [
        *([("pair", title)] if title else []),
        ("key", key),
        ("operator", f"{n_fine} x {n_coarse}, {operator.kind}, {operator.nnz} entries"),
        *(certificate_table(operator.certificate) if operator.certificate else [("certificate", _ABSENT)]),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)
