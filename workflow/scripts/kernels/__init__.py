"""The family ``kernels``."""
