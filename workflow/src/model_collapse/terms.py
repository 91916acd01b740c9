"""TERMS by their former place."""

from model_collapse.protocol import TERMS

__all__ = ["TERMS"]
