"""The family ``decomposition``."""
