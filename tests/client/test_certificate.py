"""The certificate and the rules of its gap."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from prolong import Certificate, Outcome, Proof

FIELDS: dict[str, Any] = {
    "objective": 2.0,
    "diffusion": 1.5,
    "locality": 2.5,
    "alpha": 1.0,
    "beta": 0.25,
    "lower_bound": 1.5,
    "proof": "spectral",
    "outcome": "converged",
    "method": "stiefel",
    "iterations": 7,
    "seconds": 0.5,
    "orthonormality_error": 1e-15,
    "gradient_norm": 1e-7,
}


def made(**changes: Any) -> Certificate:
    return Certificate(**{**FIELDS, **changes})


@pytest.mark.parametrize(
    ("objective", "lower_bound", "gap"),
    [
        (2.0, 1.5, 0.25),
        (2.0, 0.0, 1.0),
        (2.0, 2.0, 0.0),
        (2.0, 2.0 + 1e-12, 0.0),
        (2.0, -1.0, 1.0),
        (0.0, 0.0, 0.0),
        (-1e-17, 0.0, 0.0),
    ],
)
def test_gap(objective: float, lower_bound: float, gap: float) -> None:
    assert made(objective=objective, lower_bound=lower_bound).gap == gap


@given(st.floats(0, 1e300), st.floats(-1e300, 1e300))
def test_the_gap_is_always_in_the_unit_interval(objective: float, lower_bound: float) -> None:
    assert 0.0 <= made(objective=objective, lower_bound=lower_bound).gap <= 1.0


def test_json_holds_every_field_and_the_gap_and_comes_back() -> None:
    certificate = made()
    dumped = certificate.model_dump(mode="json")
    assert dumped == {**FIELDS, "gap": 0.25}
    assert Certificate.model_validate_json(certificate.model_dump_json()) == certificate


def test_unknown_terms_are_none() -> None:
    certificate = made(locality=None, beta=None, gradient_norm=None)
    assert Certificate.model_validate_json(certificate.model_dump_json()) == certificate


def test_a_newer_certificate_can_be_read() -> None:
    assert Certificate.model_validate({**FIELDS, "curvature": 3}) == made()


@pytest.mark.parametrize("changes", [{"objective": float("nan")}, {"outcome": "lucky"}, {"proof": "trust me"}])
def test_numbers_are_finite_and_words_are_known(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        made(**changes)


def test_certificates_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        made().objective = 0.0  # type: ignore[misc]


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_its_own_sentence(outcome: Outcome) -> None:
    assert outcome.text.endswith(".")
    assert [other for other in Outcome if other.text == outcome.text] == [outcome]


@pytest.mark.parametrize("proof", Proof)
def test_every_proof_is_explained(proof: Proof) -> None:
    assert f"`{proof}`" in (Proof.__doc__ or "")
