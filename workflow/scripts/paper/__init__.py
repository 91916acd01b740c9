"""The family ``paper``."""
