"""The family ``scaling``."""
