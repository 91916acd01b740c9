"""The family ``fake_labels``."""
