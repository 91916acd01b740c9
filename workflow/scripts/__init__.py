"""The steps of the workflow and what they share: a package, so that no other goes before it."""
