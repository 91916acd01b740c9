"""The family ``regression``."""
