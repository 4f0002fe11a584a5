"""Prolongation operators: immutable matrices with orthonormal columns, and what is proved about them."""

from __future__ import annotations

from prolong.operators.base import Operator
from prolong.operators.dense import DenseOperator
from prolong.operators.sparse import Partition, SparseOperator

__all__ = ["DenseOperator", "Operator", "Partition", "SparseOperator"]
