"""The explorer has no section of the config: it shows blocks of other families."""

from typing import Any

from scripts.chains.settings import PanelData
from scripts.regression.settings import Sweep
from scripts.remedies.settings import Compared
from scripts.schema.settings import Settings, keys_of


def shown_in_explorer(config: Settings) -> dict[str, Any]:
    """Return the blocks of the config that the page shows.

    Parameters
    ----------
    config : Config
        The whole config.

    Returns
    -------
    dict
        ``experiments``: those that a figure of the config shows, by name; ``panels`` of these
        figures, by name; ``remedies``; ``law``, the power law of the crossover map.
    """
    panels = {
        name: [keys_of(panel, PanelData) for panel in figure.panels]
        for name, figure in config.figures.items()
    }
    in_panels = {panel["experiment"] for figure in panels.values() for panel in figure}
    experiments = {
        name: keys_of(block, Sweep)
        for name, block in sorted(config.experiments.items())
        if name in in_panels
    }
    return {
        "experiments": experiments,
        "panels": panels,
        "remedies": keys_of(config.remedies, Compared),
        "law": config.scaling.crossover.held,
    }
