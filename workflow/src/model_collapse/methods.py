"""METHODS by their former place."""

from model_collapse.random_features import METHODS

__all__ = ["METHODS"]
