"""The family ``images``."""
