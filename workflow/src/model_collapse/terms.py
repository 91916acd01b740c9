"""Names of what a chain's error is made of, and of what goes with it."""

TERMS = ("bias", "variance", "collapse", "bias_increase", "squared_norm")
"""E's three terms, ΔBias of Thm 4.3, and E‖ŵ_n‖²: the last axis of simulated terms."""
