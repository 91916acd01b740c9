"""The problem: a spectrum with its teacher, fits and chains, and their estimate from data."""
