"""Proofs of lower bounds by Lagrangian duality (docs/concepts.md, "The dual bound")."""

from prolong_worker.solve.dual.proof import LowerBound, Proven, prove, spectral_bound

__all__ = ["LowerBound", "Proven", "prove", "spectral_bound"]
