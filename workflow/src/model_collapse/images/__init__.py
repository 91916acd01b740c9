"""Real data: MNIST or the embedded digits, and kernel ridge regression on them."""
