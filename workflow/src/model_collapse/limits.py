"""A kept path: its names are defined in ``mixtures.limits``."""

from model_collapse.mixtures.limits import (
    accumulate_kept_limit,
    accumulate_limit,
    accumulate_real_errors,
    best_real_weight,
    mix_labels_limit,
    mix_limit,
    mix_ols_limit,
    one_design_limit,
    replace_limit,
    subsample_limit,
)

__all__ = [
    "accumulate_kept_limit",
    "accumulate_limit",
    "accumulate_real_errors",
    "best_real_weight",
    "mix_labels_limit",
    "mix_limit",
    "mix_ols_limit",
    "one_design_limit",
    "replace_limit",
    "subsample_limit",
]
