"""Networks trained on their own labels: both layers, or a fixed first layer."""
