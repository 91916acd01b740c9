"""Names of the ways in which networks with a fixed hidden layer are trained."""

METHODS = ("sgd", "filter", "ridgeless")
"""SGD; the gradient-descent filter, what SGD does on average; endless training."""
