"""Steps of the workflow, a folder for each family; ``core`` is what they share."""
