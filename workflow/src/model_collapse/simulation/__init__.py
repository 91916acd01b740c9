"""Simulation: designs, chains, terms of their errors, and slow oracles with full matrices."""
