"""The family ``networks``."""
