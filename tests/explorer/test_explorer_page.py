"""The explorer's page in a browser: what it draws, what its controls do, and what links restore."""

import json
import re
from io import StringIO
from urllib.parse import parse_qsl

import numpy as np
import pandas as pd
import pytest
from configs import load
from conftest import ROOT, assert_same, undisturbed

from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import power_law
from model_collapse.theory.recursion import chain_risk
from scripts.config import read_config
from scripts.explorer.settings import shown_in_explorer
from scripts.explorer.write_explorer import data_of, page_of
from scripts.regression.points import points_of
from scripts.regression.settings import Sweep

pytestmark = pytest.mark.browser

MINIATURE = read_config(load("config", "claims", "miniature"))
SHOWN = shown_in_explorer(MINIATURE)
FILES = {
    path.name: path.read_text(encoding="utf-8")
    for path in (ROOT / "workflow/scripts/explorer/page").iterdir()
}
MOST_BYTES = 3_000_000
AGREE = 1e-9
VIEWS = ("sweep", "remedies", "crossover")


def measured(table: pd.DataFrame, name: str, rng) -> pd.DataFrame:
    """Numbers, in the place of what a build measures."""
    drawn = {name: rng.uniform(0.01, 2, len(table)), f"{name}_se": rng.uniform(0, 0.1, len(table))}
    return table.assign(**drawn, replicates=7)


@pytest.fixture(scope="module")
def tables():
    """What the page is given: a build's grids with other numbers, and a spectrum and a rule that
    the page does not know.
    """
    rng = np.random.default_rng(1)
    remedies = MINIATURE.remedies
    simulated = {
        name: measured(points_of(name, block := Sweep(**cut), block.sizes()), "risk", rng)
        for name, cut in SHOWN["experiments"].items()
    }
    points = pd.MultiIndex.from_product(
        [("replace", "replace_tuned", "accumulate_tuned", "subsample"), remedies.simulated],
        names=["remedy", "generation"],
    )
    helped = measured(points.to_frame(index=False).assign(ridge=0.1), "error", rng)
    maps = {f"exponents_over_{axis}": getattr(MINIATURE.scaling.crossover, f"over_{axis}")
            for axis in "ab"}  # fmt: skip
    grids = {
        name: pd.DataFrame(panel.grid(), columns=[panel.across, "ell"])
        for name, panel in maps.items()
    }
    return (
        simulated,
        {f"remedies_{name}": helped for name in remedies.regimes},
        {name: grid.assign(theory=rng.uniform(-1, 1, len(grid))) for name, grid in grids.items()},
        {name: measured(grid[::50], "simulated", rng) for name, grid in grids.items()},
    )


def unknown() -> dict:
    """The blocks of the config with an experiment on a spectrum of one's own."""
    shown = json.loads(json.dumps(SHOWN))
    mine = {"spectrum": {"name": "geometric", "d": 20, "ratio": 0.8}}
    shown["experiments"]["mine"] = shown["experiments"]["fig1a_samples"] | mine
    panel = {"experiment": "mine", "sweep": "samples", "relative_to": None}
    shown["panels"]["mine"] = [panel | {"ridge_rules": ["root"]}]
    return shown


@pytest.fixture(scope="module")
def address(tables, tmp_path_factory):
    """Where the page lies."""
    simulated, *others = tables
    data = data_of(unknown(), simulated | {"mine": simulated["fig1a_samples"]}, *others)
    path = tmp_path_factory.mktemp("explorer") / "explorer.html"
    path.write_text(page_of(FILES | {"data.js": data}), encoding="utf-8")
    assert path.stat().st_size < MOST_BYTES
    return path.as_uri()


class Page:
    """The page in the browser."""

    def __init__(self, driver, address: str):
        self.driver = driver
        self.address = address
        self.run = driver.execute_script

    def open(self, fragment: str = "") -> "Page":
        self.driver.get("about:blank")
        self.driver.get(f"{self.address}#{fragment}")
        return self

    def complete(self) -> "Page":
        """When all lines are drawn."""
        self.driver.execute_async_script(
            "const done = arguments[0], look = () =>"
            "document.body.dataset.busy === 'false' ? done() : setTimeout(look, 10); look()"
        )
        return self

    def show(self, preset: int) -> dict:
        """What is drawn when a preset is chosen."""
        self.run(
            "const select = document.getElementById('preset'); select.value = arguments[0];"
            "select.dispatchEvent(new Event('change'))", preset,
        )  # fmt: skip
        self.complete()
        return self.run("return JSON.parse(JSON.stringify({ setting, ...shown }))")

    def look(self) -> str:
        """All that is seen of the charts and the numbers."""
        return self.run("return document.querySelector('main').innerHTML")


@pytest.fixture
def page(chromium, address):
    """The page, which must leave no error in the console and ask for nothing elsewhere."""
    chromium.set_window_size(1280, 900)
    with undisturbed(chromium):
        yield Page(chromium, address).open()
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def presets(page: Page) -> list[str]:
    return page.run("return PRESETS.map(([name]) => name)")


def test_every_figure_with_a_setting_of_the_page_is_a_preset(page):
    names = presets(page)
    figures = {name for name, panels in SHOWN["panels"].items()
               if any(p["experiment"] in SHOWN["experiments"] for p in panels)}  # fmt: skip
    assert {name.split()[0].strip(",") for name in names} == figures | {"remedies", "crossover"}


def test_presets_draw_the_numbers_of_the_tables(page, tables):
    simulated, remedies, exponents, circles = tables
    for i, name in enumerate(presets(page)):
        drawn = page.show(i)
        setting = drawn["setting"]
        chart = drawn["charts"][0]
        markers = page.run("return document.querySelectorAll('#chart .dot').length")
        assert markers == len(chart["points"])
        assert page.run("return document.getElementById('preset').value") == str(i)
        points = pd.DataFrame(chart["points"])
        if setting["view"] == "sweep":
            axis = setting["axis"]
            rule = {"ridge": "fixed", "ell": "ell"}.get(axis, setting["rule"])
            [table] = [
                simulated[panel["experiment"]]
                for panels in SHOWN["panels"].values()
                for panel in panels
                if panel["sweep"] == axis and f"{name} ".startswith(panel_title(panel))
            ]
            table = table[table["ridge_rule"] == rule]
            x = -np.log(table["ridge"]) / np.log(table["samples"]) if axis == "ell" else table[axis]
            points = points[points["shape"].isna()] if "shape" in points else points
            expected = np.column_stack([x, table["risk"], table["risk_se"]])
            assert_same(points[["x", "y", "se"]], expected)
        elif setting["view"] == "remedies":
            known = next(iter(remedies.values()))
            known = known[known["remedy"] != "replace"]  # at λ = 0, not at the best
            expected = known.sort_values(["error"])[["generation", "error", "error_se"]]
            assert_same(points.sort_values("y")[["x", "y", "se"]], expected)
        else:
            over = setting["map"]
            found = circles[f"exponents_over_{over}"]
            assert_same(points[["x", "y"]], found[[over, "ell"]])
            csv = pd.DataFrame(drawn["csv"])[[over, "ell", "exponent"]]
            assert_same(csv, exponents[f"exponents_over_{over}"][[over, "ell", "theory"]])


def panel_title(panel: dict) -> str:
    """How the preset of a panel begins."""
    for name, panels in SHOWN["panels"].items():
        if panel in panels:
            letters = f" ({chr(ord('a') + panels.index(panel))})" if len(panels) > 1 else ""
            return f"{name}{letters} "
    raise AssertionError(panel)


def test_a_slider_redraws_the_curve_at_once(page):
    """In the same turn of the browser's loop, so before the next frame."""
    before, after = page.run("""
        const path = () => document.querySelector("#chart .line").getAttribute("d");
        const slider = document.getElementById("beta-slider"), before = path();
        slider.value = Number(slider.value) + 20;
        slider.dispatchEvent(new Event("input"));
        return [before, path()];
    """)
    assert before != after


SETTINGS = [
    "", "axis=ridge&spectrum=isotropic", "axis=ell&d=100&generator_samples=60",
    "axis=generation&rule=ell&noise=0.5", "spectrum=two_level&rule=fixed&terms=all",
    "view=remedies&spectrum=isotropic&d=40&generator_samples=100",
    "view=remedies&generation=3&d=20&generator_samples=50&tuning=best",
    "view=crossover", "view=crossover&map=b",
]  # fmt: skip


@pytest.mark.parametrize("fragment", SETTINGS)
def test_every_control_that_is_shown_does_something(page, fragment):
    controls = page.open(fragment).run("""
        return [...document.querySelectorAll(".control")].filter(row => row.checkVisibility())
            .map(row => row.id.slice("control-".length))
    """)
    assert len(controls) >= 5
    for key in controls:
        page.open(fragment).complete()
        before = page.run("return element('chart').innerHTML + element('table').innerHTML")
        page.run("""
            const input = element(arguments[0]), slider = element(arguments[0] + "-slider");
            if (slider) {
                slider.value = Number(slider.value) + (Number(slider.value) > 250 ? -40 : 40);
                slider.dispatchEvent(new Event("input"));
            } else {
                const others = [...input.options].filter(one => !one.disabled && !one.selected);
                input.value = others.at(-1).value;
                input.dispatchEvent(new Event("input"));
            }
        """, key)  # fmt: skip
        page.complete()
        after = page.run("return element('chart').innerHTML + element('table').innerHTML")
        assert before != after, key


@pytest.mark.parametrize("fragment", SETTINGS)
def test_a_link_restores_the_setting(page, fragment):
    page.open(fragment).complete()
    setting = page.run("return setting")
    drawn = page.look()
    assert {key: str(setting[key]) for key in dict(parse_qsl(fragment))} == dict(
        parse_qsl(fragment)
    )
    link = page.run("history.replaceState(null, '', address()); return location.hash.slice(1)")
    more = set(link.split("&")) - set(fragment.split("&"))  # than what is not as by default
    assert more <= {"rule=fixed"}
    assert page.open(link).complete().look() == drawn


@pytest.mark.parametrize(
    ("fragment", "said"),
    [
        ("nonsense", "“nonsense”"), ("d=many", "“many” for d"), ("beta=0.5", "beta"),
        ("d=2.5", "whole number"), ("view=other", "sweep, remedies, crossover"), ("r=", "r, which"),
        ("samples=1e99", "samples"), ("noise=-1", "noise"), ("constructor=1", "constructor"),
        ("d=NaN", "d, which"), ("rule=toString", "rule"), ("%E0%A4%A", "names a control"),
        ("hidden=mix,mixed", "accumulate_kept"),
    ],
)  # fmt: skip
def test_a_bad_link_gives_the_defaults_and_a_sentence(page, fragment, said):
    found = page.open(fragment).run("return [element('message').textContent, setting, DEFAULTS]")
    assert said in found[0] and found[0].endswith("These are the defaults.")
    assert found[1] == found[2]


def test_the_csv_is_what_is_shown(page, tmp_path):
    page.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    text = page.run("element('download').click(); return csvOf(shown.csv)")
    table = pd.read_csv(StringIO(text))
    assert len(table) == len(page.run("return shown.charts[0].lines.flatMap(line => line.xs)"))
    at = dict(page.run("return DEFAULTS"))
    spectrum = power_law(at["d"], at["beta"], at["r"])
    for row in table.iloc[::97].itertuples():
        generators = [Fit(at["generator_samples"], 0, at["generator_noise"])] * row.generation
        risk = chain_risk(spectrum, generators, Fit(row.samples, row.ridge, at["noise"]))
        assert_same(row.risk, risk.total, rtol=AGREE)
        assert_same((row.bias, row.collapse), (risk.bias, risk.collapse), rtol=AGREE)


def test_arrows_move_the_cursor_and_tab_reaches_everything(page):
    from selenium.webdriver.common.keys import Keys

    for view in (*VIEWS, "sweep&samples=1"):
        page.open(f"view={view}").complete()
        before = page.run("return JSON.stringify(setting)")
        page.driver.find_element("id", "chart").send_keys(Keys.ARROW_RIGHT)
        assert page.run("return JSON.stringify(setting)") != before, view
        wanted = page.open(f"view={view}").run("""
            const all = [...document.querySelectorAll("button, select, input, [tabindex]")];
            return all.filter(one => one.checkVisibility() && (one.type !== "radio" || one.checked))
                .map(one => one.id || one.value);
        """)
        reached = set()
        body = page.driver.switch_to.active_element
        for _ in wanted:
            body.send_keys(Keys.TAB)
            body = page.driver.switch_to.active_element
            reached.add(
                page.run("return document.activeElement.id || document.activeElement.value")
            )
        assert reached >= set(wanted)


@pytest.mark.parametrize("rule", ["fixed", "best"])
def test_an_error_that_is_not_finite_is_said_to_be_so(page, rule):
    page.open(f"d=300&generator_samples=300&rule={rule}")
    errors = page.run("return [...document.querySelectorAll('#table td:nth-child(3)')]"
                      ".map(cell => cell.textContent)")  # fmt: skip
    assert errors[0] not in "∞–" and set(errors[1:]) == ({"∞"} if rule == "fixed" else {"–"})
    assert "not finite" in page.run("return element('note').textContent")
    line, (low, high) = page.run(
        "const { lines, y } = shown.charts[0]; return [lines[0].ys, y.range]"
    )
    assert low <= min(line) and max(line) <= high


def test_a_protocol_can_be_hidden(page):
    page.open("view=remedies").complete()
    lines = "return shown.charts[0].lines.filter(line => line.xs.length).map(line => line.name)"
    assert {"replace", "mix", "accumulate_kept"} <= set(page.run(lines))
    page.run("document.querySelector('input[value=mix]').click()")
    assert "mix" not in page.run(lines) and "replace" in page.run(lines)
    assert page.run("return setting.hidden") == "mix"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_phone_shows_all_in_light_and_dark(page, view, scheme):
    size = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    page.open(f"view={view}").complete()
    assert page.run("return document.documentElement.scrollWidth") == size["width"]
    table = "const { scrollWidth, clientWidth } = document.querySelector('.scrolls')"
    assert page.run(f"{table}; return scrollWidth <= clientWidth")
    named = page.run("return document.querySelector('.legend').textContent")
    assert ("null predictor" in named) == (view != "crossover")
    style = "return getComputedStyle(document.body)"
    paper, ink = (
        sum(map(int, re.findall(r"\d+", page.run(f"{style}.{name}"))[:3]))
        for name in ("backgroundColor", "color")
    )
    assert (paper > ink) == (scheme == "light") and abs(paper - ink) > 500
