"""The ledger: each numbered statement of the paper against a number reached by another route.

A claim is a function named after its id, given a seed and the ``setting`` of its block in
config/claims.yaml. It yields Checks; ``ledger`` turns them into a verdict.
"""
