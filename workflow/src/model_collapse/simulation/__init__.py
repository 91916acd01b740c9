"""Draws: designs, chains, their error split into terms, and the slow oracles with full matrices."""
