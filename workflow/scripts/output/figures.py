"""The figures that have a rule of their own; those of the config are named there."""

FIGURES = {
    "decomposition": ("decomposition",),
    "fake_labels": ("fake_labels",),
    "paper": ("fig3", "summary"),
    "remedies": ("remedies", "remedies_map", "remedies_on_images"),
    "scaling": ("crossover",),
}
"""Names of figures, by the family whose rule draws them."""

OWN_FIGURES = tuple(name for names in FIGURES.values() for name in names)


def check_drawn(name: str, family: str) -> None:
    """Raise ValueError for a figure that a rule of a family draws and FIGURES does not list."""
    is_pattern = "{" in name  # figures of the config
    if not is_pattern and name not in FIGURES.get(family, ()):
        raise ValueError(
            f"workflow/rules/{family}.smk draws the figure {name!r}, which FIGURES in "
            f"workflow/scripts/output/figures.py does not list for {family}"
        )
