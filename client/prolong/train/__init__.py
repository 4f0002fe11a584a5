"""Training networks on all scales at once (extra `train`: torch).

A `Hierarchy` says which layer has which shape on which level (0 is the finest) and by which operators levels are
related. A *scheme* holds the levels' models: `NestedScheme` trains small networks that are exactly coarse fine
networks, `AdditiveScheme` the sums over levels of MsANN. A *schedule* is an iterator of visits (`nested`,
`recursive`, `v_cycle`, `fine_only`). The `Trainer` runs a schedule over a scheme and returns a `History`.
"""

from __future__ import annotations

from prolong.errors import MissingExtra

try:
    from prolong.train.arms import ComparisonSettings
    from prolong.train.autoencoder import MSANN_WIDTHS, Autoencoder
    from prolong.train.comparison import TARGETS, compare, one_thread
    from prolong.train.cycles import Visit, fine_only, forever, nested, recursive, v_cycle
    from prolong.train.data import SIDE, DataSettings, ImageRows, digits, load_images
    from prolong.train.hierarchy import Hierarchy, LayerAxes, Level
    from prolong.train.history import Evaluation, History, TrainingOutcome, VisitRecord
    from prolong.train.idx import read_idx
    from prolong.train.kronecker import ParameterTransfer, parameter_transfers
    from prolong.train.lineage import Lineage
    from prolong.train.linear import linear_shapes
    from prolong.train.multiscale import AdditiveScheme, AdditiveSettings, Multiscale
    from prolong.train.nested import NestedScheme, NestedSettings
    from prolong.train.optimizers import OptimizerFactory, ReferenceRMSProp, adam, reference_rmsprop
    from prolong.train.ordering import morton_order
    from prolong.train.plots import learning_curves
    from prolong.train.results import Comparison, Row
    from prolong.train.samples import LevelSamples, Samples
    from prolong.train.scheme import AbstractScheme
    from prolong.train.stopping import (
        AbstractLevelStopping,
        AbstractWatch,
        Budget,
        Iterations,
        Stagnation,
    )
    from prolong.train.trainer import Trainer
    from prolong.train.transfer import AbstractTransfer, compose, transfer
    from prolong.train.work import Work, WorkMeter
except ModuleNotFoundError as error:
    if error.name != "torch":
        raise
    raise MissingExtra("prolong.train needs torch; install the extra: pip install 'prolong[train]'") from error

__all__ = [
    "MSANN_WIDTHS",
    "SIDE",
    "TARGETS",
    "AbstractLevelStopping",
    "AbstractScheme",
    "AbstractTransfer",
    "AbstractWatch",
    "AdditiveScheme",
    "AdditiveSettings",
    "Autoencoder",
    "Budget",
    "Comparison",
    "ComparisonSettings",
    "DataSettings",
    "Evaluation",
    "Hierarchy",
    "History",
    "ImageRows",
    "Iterations",
    "LayerAxes",
    "Level",
    "LevelSamples",
    "Lineage",
    "Multiscale",
    "NestedScheme",
    "NestedSettings",
    "OptimizerFactory",
    "ParameterTransfer",
    "ReferenceRMSProp",
    "Row",
    "Samples",
    "Stagnation",
    "Trainer",
    "TrainingOutcome",
    "Visit",
    "VisitRecord",
    "Work",
    "WorkMeter",
    "adam",
    "compare",
    "compose",
    "digits",
    "fine_only",
    "forever",
    "learning_curves",
    "linear_shapes",
    "load_images",
    "morton_order",
    "nested",
    "one_thread",
    "parameter_transfers",
    "read_idx",
    "recursive",
    "reference_rmsprop",
    "transfer",
    "v_cycle",
]
