"""What the prose says of networks holds, or is refused."""

import copy

import pytest
import yaml
from conftest import ROOT

from scripts.paper.network_numbers import check_network_text

CONFIG = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("section", "name", "key", "value", "sentence"),
    [
        ("networks", "fig6_fresh", None, None, "networks.fig6_fresh: the paper's text needs"),
        ("networks", "fig6_fresh", "loss", "mean", "fig6_fresh.loss: .* needs sum"),
        ("networks", "fig6_mean_loss", "loss", "sum", "fig6_mean_loss.loss: .* needs mean"),
        ("networks", "fig6_mean_loss", "epochs", 7, "fig6_mean_loss.epochs.*value of fig6_fresh"),
        ("networks", "fig6_fresh_images", "image_draw", "same", "fresh_images.image_draw.*fresh"),
        ("networks", "fig6_continued", "generator_noise", 0.9, "continued.generator_noise"),
        ("random_features", "fig5", "widths", [9, 8], "fig5.widths.*a single width"),
        ("random_features", "fig5_continued", "loss", "sum", "fig5_continued.loss.*of fig5, mean"),
        ("networks", "fig6_fresh", "generations", 5, "fig6_fresh.generations.*at least 6"),
        ("networks", "fig6_continued", "start", "fresh", "fig6_continued.start.*continued"),
        ("networks", "fig6_continued", "epochs", 7, "fig6_continued.epochs.*value of fig6_fresh"),
        ("networks", "fig6_control", "generator_noise", 0.1, "fig6_control.generator_noise"),
        ("random_features", "fig5", "start", "continued", "fig5.start"),
    ],
)
def test_the_text_refuses_networks_that_it_does_not_fit(section, name, key, value, sentence):
    config = copy.deepcopy(CONFIG)
    if key is None:
        del config[section][name]
    else:
        config[section][name][key] = value
    with pytest.raises(ValueError, match=sentence):
        check_network_text(config)
