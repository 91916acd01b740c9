"""Bad input by the table: configs, image folders and intermediate files, and what a user reads."""

import gzip
import io
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from snakemake.exceptions import WorkflowError
from test_config import CONFIG, DELETE, A, B, K, changed
from test_images import (
    NAMES,
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    idx,
    write_folder,
)

from scripts.config import check_config
from scripts.core.files import read_arrays, read_csv

D = "decompositions/under_shared"
N = "networks/fig6_fresh"

# Case: path into the config, value, sentence.
CONFIGS = {
    "unknown key": (
        f"{A}/generater_samples", 5,
        "config: experiments.fig1a_samples: unknown key 'generater_samples'; did you mean "
        "'generator_samples'?",
    ),
    "unknown key at the top": (
        "imagse", {},
        "config: top level: unknown key 'imagse'; did you mean 'images'?",
    ),
    "an experiment that is null": (
        A, None,
        "config: experiments.fig1a_samples: must be a block of keys, not empty (a Gaussian "
        "regression experiment)",
    ),
    "an experiment that is a list": (
        A, [],
        "config: experiments.fig1a_samples: must be a block of keys, not [] (a Gaussian "
        "regression experiment)",
    ),
    "no experiments": (
        "experiments", {},
        "config: experiments: must not be empty (Gaussian regression experiments by name)",
    ),
    "a figure without panels": (
        "figures/fig1a/panels", [],
        "config: figures.fig1a.panels: must not be empty (panels in reading order, two a row)",
    ),
    "a negative seed": (
        "seed", -1,
        "config: seed: must be at least 0, not -1 (root of every random stream)",
    ),
    "a seed of letters": (
        "seed", "abc",
        "config: seed: 'abc' is text where a number belongs (root of every random stream)",
    ),
    "no replicates in a job": (
        "replicates_per_job", 0,
        "config: replicates_per_job: must be at least 1, not 0 (replicates that one job "
        "simulates; a full block is never redone when more are asked for)",
    ),
    "too fine a curve": (
        "theory_refinement", 101,
        "config: theory_refinement: must be at most 100, not 101 (points of a theory curve for "
        "each simulated point of a grid)",
    ),
    "T = 0": (
        "experiments/fig1a_ridge/samples", 0,
        "config: experiments.fig1a_ridge.samples: must be at least 1, not 0 (T, a sample size)",
    ),
    "T = 0 in a list": (
        f"{A}/samples", [10, 0],
        "config: experiments.fig1a_samples.samples[1]: must be at least 1, not 0 (T, a sample "
        "size)",
    ),
    "T = 0 in a grid": (
        f"{A}/samples/from", 0,
        "config: experiments.fig1a_samples.samples.from: must be at least 1, not 0 (smallest T)",
    ),
    "negative ridge": (
        f"{A}/ridge", -1e-3,
        "config: experiments.fig1a_samples.ridge: must be at least 0, not -0.001",
    ),
    "negative generator ridge": (
        f"{A}/generator_ridge", -1,
        "config: experiments.fig1a_samples.generator_ridge: must be at least 0, not -1 (ridge "
        "of every generator; 0 is OLS)",
    ),
    "negative noise": (
        f"{A}/noise", -0.1,
        "config: experiments.fig1a_samples.noise: must be at least 0, not -0.1 (sigma, "
        "label-noise standard deviation of the downstream data)",
    ),
    "negative generator noise": (
        f"{A}/generator_noise", -1,
        "config: experiments.fig1a_samples.generator_noise: must be at least 0, not -1 "
        "(sigma_0, label-noise standard deviation of every generator's data)",
    ),
    "beta = 1": (
        f"{B}/spectrum/beta", 1,
        "config: experiments.fig1b_samples.spectrum.beta: must be greater than 1, not 1 "
        "(capacity exponent (power_law))",
    ),
    "kernel beta = 1": (
        f"{K}/beta", 1.0,
        "config: kernel_experiments.fig4_rbf.beta: must be greater than 1, not 1.0 (capacity "
        "exponent)",
    ),
    "T0 = 0": (
        f"{A}/generator_samples", 0,
        "config: experiments.fig1a_samples.generator_samples: must be at least 1, not 0 (T0, "
        "sample size of every generator)",
    ),
    "T0 = 0 for images": (
        f"{K}/sizes/mnist/generator_samples", 0,
        "config: kernel_experiments.fig4_rbf.sizes.mnist.generator_samples: must be at least 1, "
        "not 0 (T0, images of every generator)",
    ),
    "no generations": (
        f"{A}/generations", [],
        "config: experiments.fig1a_samples.generations: must not be empty (generations n to "
        "show; 0 trains on clean data)",
    ),
    "negative generation": (
        f"{A}/generations", [-1],
        "config: experiments.fig1a_samples.generations[0]: must be at least 0, not -1 (n, a "
        "generation)",
    ),
    "repeated generation": (
        f"{A}/generations", [1, 1],
        "config: experiments.fig1a_samples.generations: must not repeat a value: [1, 1] "
        "(generations n to show; 0 trains on clean data)",
    ),
    "no replicates": (
        f"{A}/replicates", 0,
        "config: experiments.fig1a_samples.replicates: must be at least 1, not 0 (independent "
        "repetitions of the whole chain)",
    ),
    "text for a number": (
        f"{A}/noise", "loud",
        "config: experiments.fig1a_samples.noise: 'loud' is text where a number belongs (sigma, "
        "label-noise standard deviation of the downstream data)",
    ),
    "1e-3 is text in YAML": (
        f"{A}/ridge", "1e-3",
        "config: experiments.fig1a_samples.ridge: '1e-3' is text where a number belongs; YAML "
        "wants 1.0e-3, not 1e-3 or quotes, and --config takes no nested numbers",
    ),
    "fraction for a count": (
        f"{A}/replicates", 2.5,
        "config: experiments.fig1a_samples.replicates: must be a whole number, not 2.5 "
        "(independent repetitions of the whole chain)",
    ),
    "infinite": (
        f"{A}/noise", float("inf"),
        "config: experiments.fig1a_samples.noise: must be a finite number, not inf",
    ),
    "no number": (
        f"{A}/noise", float("nan"),
        "config: experiments.fig1a_samples.noise: must be a finite number, not nan",
    ),
    "yes for true": (
        f"{A}/shared_design", "yes",
        "config: experiments.fig1a_samples.shared_design: must be true or false, not 'yes' "
        "(whether all generators see one design X_0 (OLS generators only))",
    ),
    "missing key": (
        f"{A}/noise", DELETE,
        "config: experiments.fig1a_samples: the key 'noise' is missing",
    ),
    "unknown experiment": (
        "figures/fig1a/panels/0/experiment", "fig1a_ridg",
        "config: figures.fig1a.panels[0].experiment: no experiment 'fig1a_ridg'; did you mean "
        "'fig1a_ridge'?",
    ),
    "an experiment like none": (
        "figures/fig1a/panels/0/experiment", "heights",
        "config: figures.fig1a.panels[0].experiment: no experiment 'heights'; known are "
        "fig1a_ridge, fig1a_samples, fig1b_ell, fig1b_repeat, fig1b_samples, fig2a_ridge, "
        "fig2a_samples, fig2b_ridge, fig2b_samples, fig4_polynomial, fig4_polynomial_unit, "
        "fig4_rbf, fig4_rbf_unit",
    ),
    "a title that is no text": (
        "figures/fig1a/panels/0/title", 5,
        "config: figures.fig1a.panels[0].title: must be text, not 5 (title, by default what the "
        "panel holds fixed)",
    ),
    "rule not in the experiment": (
        "figures/fig1a/panels/0/ridge_rules", ["best"],
        "config: figures.fig1a.panels[0]: experiment fig1a_ridge has no ridge rule 'best', only "
        "fixed",
    ),
    "wrong sweep": (
        "figures/fig4/panels/0/sweep", "ridge",
        "config: figures.fig4.panels[0].sweep: must be samples for a kernel experiment, not "
        "ridge",
    ),
    "sweep over two axes": (
        "experiments/fig1a_ridge/samples", [100, 1000],
        "config: figures.fig1a.panels[0].sweep: ridge needs one T in fig1a_ridge and the ridge "
        "rule fixed alone",
    ),
    "sweep of T with many ridges": (
        f"{A}/ridge", [0.1, 1],
        "config: figures.fig1a.panels[1].sweep: samples needs a single value in "
        "fig1a_samples.ridge",
    ),
    "generation not in the experiment": (
        "figures/fig1a/panels/0/generations", [4],
        "config: figures.fig1a.panels[0].generations: experiment fig1a_ridge has no generation "
        "4, only 0, 1, 2, 3, 5, 10",
    ),
    "ceiling without one": (
        "figures/fig2a/panels/1/ceiling", True,
        "config: figures.fig2a.panels[1].ceiling: needs OLS generators with generator_samples > "
        "d",
    ),
    "ceiling on images": (
        "figures/fig4/panels/1/ceiling", True,
        "config: figures.fig4.panels[1].ceiling: must be false for a kernel experiment",
    ),
    "falling range": (
        "figures/fig1a/panels/0/risk_range", [2, 1],
        "config: figures.fig1a.panels[0].risk_range: must rise, not [2, 1]",
    ),
    "a ratio over a sweep of λ": (
        "figures/fig1a/panels/0/relative_to", "fixed",
        "config: figures.fig1a.panels[0].relative_to: needs sweep: samples, not ridge",
    ),
    "the diagram's name": (
        "figures/fig3", CONFIG["figures"]["fig1a"],
        "config: figures.fig3: this name is the diagram's, take another",
    ),
    "key that is no text": (
        "experiments", {1: {}},
        "config: experiments: the key 1 must be text",
    ),
    "results in the sources": (
        "pathvars", {"results": "."},
        "config: pathvars.results: must be a path below this folder, of letters, digits, _ . - "
        "and /, not '.' (folder of results, below this one)",
    ),
    "results elsewhere": (
        "pathvars", {"results": "/elsewhere"},
        "config: pathvars.results: must be a path below this folder, of letters, digits, _ . - "
        "and /, not '/elsewhere' (folder of results, below this one)",
    ),
    "results within the sources": (
        "pathvars", {"results": "workflow/results"},
        "config: pathvars.results: workflow/results must be a folder of its own, not of sources",
    ),
    "logs in the sources by a detour": (
        "pathvars", {"logs": "a/../config"},
        "config: pathvars.logs: a/../config must be a folder of its own, not of sources",
    ),
    "results in place of a file": (
        "pathvars", {"results": "README.md"},
        "config: pathvars.results: README.md cannot be written, as README.md is write-protected "
        "or no folder; mend that, or name another folder",
    ),
    "results with a blank": (
        "pathvars", {"results": "re sults"},
        "config: pathvars.results: must be a path below this folder, of letters, digits, _ . - "
        "and /, not 're sults' (folder of results, below this one)",
    ),
    "results that the shell would run": (
        "pathvars", {"results": "$(touch x)"},
        "config: pathvars.results: must be a path below this folder, of letters, digits, _ . - "
        "and /, not '$(touch x)' (folder of results, below this one)",
    ),
    "results that the shell would split": (
        "pathvars", {"results": "a;b"},
        "config: pathvars.results: must be a path below this folder, of letters, digits, _ . - "
        "and /, not 'a;b' (folder of results, below this one)",
    ),
    "a folder of nothing": (
        "pathvars", {"reslts": "here"},
        "config: pathvars: unknown key 'reslts'; did you mean 'results'?",
    ),
    "no manifest to compare with": (
        "against", "no/such.json",
        "config: against: no/such.json cannot be read (No such file or directory)",
    ),
    "a text to compare with": (
        "against", "README.md",
        "config: against: README.md is no JSON; name a build's manifest.json",
    ),
    "a record that is no manifest": (
        "against", "paper/reference/provenance.json",
        "config: against: paper/reference/provenance.json is JSON, but not the manifest.json of "
        "a build",
    ),
    "too steep a spectrum": (
        f"{B}/spectrum/beta", 6,
        "config: experiments.fig1b_samples.spectrum.beta: 6 is so steep that eigenvalues up to "
        "d = 300 fall below 1e-12 of the first; lower beta or d",
    ),
    "T beyond all bounds": (
        f"{A}/samples", [10**19],
        "config: experiments.fig1a_samples.samples[0]: must be at most 1000000000000000, not "
        "10000000000000000000 (T, a sample size)",
    ),
    "all exponents at T = 1": (
        "experiments/fig1b_ell/samples", 1,
        "config: experiments.fig1b_ell.samples: at T = 1 every ell gives λ = 1; begin above 1",
    ),
    "norm of a power law": (
        f"{B}/spectrum/norm", 2,
        "config: experiments.fig1b_samples.spectrum: norm belongs to isotropic, not to power_law",
    ),
    "λ = 0 at T = d": (
        "experiments/fig1a_ridge",
        CONFIG["experiments"]["fig1a_ridge"] | {"samples": [299], "ridge": [0, 0.1]},
        "config: experiments.fig1a_ridge.samples: 299 is within 1 of d = 300, where a fit with "
        "λ = 0 has no finite mean error; take a positive ridge or another size",
    ),
    "OLS generators at T0 = d+1": (
        f"{A}/generator_samples", 301,
        "config: experiments.fig1a_samples.generator_samples: 301 is within 1 of d = 300, where "
        "a fit with λ = 0 has no finite mean error; take a positive ridge or another size",
    ),
    "a grid that ends below T = 1": (
        f"{A}/samples/to", 0.5,
        "config: experiments.fig1a_samples.samples.to: must be at least 1, not 0.5 (largest T)",
    ),
    "a falling grid": (
        f"{A}/samples", {"from": 100, "to": 10, "per_decade": 1},
        "config: experiments.fig1a_samples.samples: the grid runs from 100 down to 10",
    ),
    "a misspelt grid": (
        f"{A}/samples", {"form": 1, "to": 10, "per_decade": 4},
        "config: experiments.fig1a_samples.samples: unknown key 'form'; did you mean 'from'?",
    ),
    "a grid of billions": (
        "experiments/fig1b_ell/ell/step", 1e-9,
        "config: experiments.fig1b_ell.ell.step: 1e-09 makes more than 10,000 values",
    ),
    "linear grid of T": (
        f"{A}/samples", {"from": 1, "to": 9, "step": 1},
        "config: experiments.fig1a_samples.samples: a grid here has the keys from, to and "
        "per_decade",
    ),
    "logarithmic grid from 0": (
        f"{A}/ridge", {"from": 0, "to": 1, "per_decade": 2},
        "config: experiments.fig1a_samples.ridge: a logarithmic grid must begin above 0, not at "
        "0",
    ),
    "shared design with a ridge": (
        "experiments/fig2a_samples/generator_ridge", 0.1,
        "config: experiments.fig2a_samples.shared_design: a shared design is defined for OLS "
        "generators: their ridge must be 0",
    ),
    "ell_crit without beta": (
        f"{A}/ridge_rules", ["ell_crit"],
        "config: experiments.fig1a_samples.ridge_rules: ell_crit needs beta and r, so a "
        "power_law spectrum",
    ),
    "smooth without noise": (
        f"{B}/noise", 0,
        "config: experiments.fig1b_samples.ridge_rules: smooth divides by noise, which must not "
        "be 0",
    ),
    "theory beyond a single T": (
        "experiments/fig1a_ridge/theory_samples_to", 1e7,
        "config: experiments.fig1a_ridge.theory_samples_to: needs samples given as a grid",
    ),
    "fixed without values": (
        f"{B}/ridge_rules", ["fixed"],
        "config: experiments.fig1b_samples.ridge: the ridge rule fixed needs its values here",
    ),
    "two levels without a weight": (
        f"{B}/spectrum", {"name": "two_level", "d": 20, "weak_eigenvalue": 0.1},
        "config: experiments.fig1b_samples.spectrum: a two_level needs both weak_eigenvalue and "
        "weak_weight",
    ),
    "two levels of odd d": (
        f"{D}/spectrum", {"name": "two_level", "d": 5, "weak_eigenvalue": 0.1, "weak_weight": 1},
        "config: decompositions.under_shared.spectrum.d: must be even for a two_level, not 5",
    ),
    "r = 0 of a law": (
        "scaling/laws/0/r", 0,
        "config: scaling.laws[0].r: must be greater than 0, not 0 (source exponent)",
    ),
    "beta = 1 of a law": (
        "scaling/laws/1/beta", 1,
        "config: scaling.laws[1].beta: must be greater than 1, not 1 (capacity exponent)",
    ),
    "b = 0": (
        "scaling/collapsed/pairs/0", [0, 0],
        "config: scaling.collapsed.pairs[0][0]: must be at least 0.05, not 0 (b, exponent of T0 "
        "= T^b)",
    ),
    "b = 0 in the map": (
        "scaling/crossover/over_b/b/from", 0,
        "config: scaling.crossover.over_b.b.from: b must be at least 0.05, not 0",
    ),
    "b = 0 of a simulated cell": (
        "scaling/crossover/over_b/simulated", [[0, 1]],
        "config: scaling.crossover.over_b.simulated: ell must lie between 0 and 20, a between "
        "-20 and 20, b between 0.05 and 20, not [0, 1]",
    ),
    "negative ell of the map": (
        "scaling/crossover/over_a/ell/from", -1,
        "config: scaling.crossover.over_a.ell.from: ell must not be negative, not -1",
    ),
    "an empty window": (
        "scaling/clean/windows/1", [10, 10],
        "config: scaling.clean.windows[1]: the fit window 10 to 10 is empty; it must rise",
    ),
    "a window of three": (
        "scaling/clean/windows/1", [10, 100, 1000],
        "config: scaling.clean.windows[1]: must have exactly 2 values, not 3 (lowest and "
        "highest value of a fit window)",
    ),
    "a falling grid of the map": (
        "scaling/crossover/over_a/a", {"from": 1, "to": 0, "step": 0.1},
        "config: scaling.crossover.over_a.a: the grid runs from 1 down to 0",
    ),
    "two points in a window": (
        "scaling/collapsed/points", 2,
        "config: scaling.collapsed.points: must be at least 3, not 2 (points of a fit window; a "
        "slope with an error needs 3)",
    ),
    "two simulated sizes": (
        "scaling/clean/simulated/samples", [10, 20],
        "config: scaling.clean.simulated.samples: must have at least 3 values, not 2 (T, sample "
        "sizes)",
    ),
    "one window": (
        "scaling/clean/windows", [[1, 10]],
        "config: scaling.clean.windows: must have at least 2 values, not 1 (fit windows, the "
        "last one gives the exponent and the one before its drift)",
    ),
    "an empty window of ranks": (
        "exponent_windows/0", [100, 10],
        "config: exponent_windows[0]: the fit window 100 to 10 is empty; it must rise",
    ),
    "two ranks in a window": (
        "exponent_windows/0", [10.5, 12.5],
        "config: exponent_windows[0]: the fit window holds 2 ranks; a slope needs at least 3",
    ),
    "a claim that is not there": (
        "claim", "thm_4_7",
        "config: claim: no claim 'thm_4_7'; did you mean 'thm_4_6'?",
    ),
    "a claim that nothing tests": (
        "claims/thm_9", CONFIG["claims"]["thm_4_1"],
        "config: claims.thm_9: no function tests a claim of this name; did you mean 'thm_f_1'?",
    ),
    "a claim with a wrong setting": (
        "claims/eq_10/setting/dd", 5,
        "config: claims.eq_10.setting: unknown key 'dd'; it takes d, replicates, ridges, samples",
    ),
    "a claim that lacks a setting": (
        "claims/eq_10/setting/d", DELETE,
        "config: claims.eq_10.setting: the key 'd' is missing",
    ),
    "a law that is none": (
        "claims/v1_crossover/setting/law", [0.5, 1],
        "config: claims.v1_crossover.setting.law: a law is [beta, r], beta > 1 and r > 0, not "
        "[0.5, 1]",
    ),
    "a negative tolerance": (
        "claims/eq_10/tolerance/relative", -0.1,
        "config: claims.eq_10.tolerance.relative: must be at least 0, not -0.1 (share of the "
        "prediction)",
    ),
    "a claim without a tolerance": (
        "claims/eq_10/tolerance", DELETE,
        "config: claims.eq_10: needs setting and tolerance, unless its verdict is not testable",
    ),
    "a claim that does not say why": (
        "claims/err_1/why", DELETE,
        "config: claims.err_1.why: a claim that is not testable must say why",
    ),
    "a claim without a reason": (
        "claims/eq_10/tolerance/reason", DELETE,
        "config: claims.eq_10.tolerance: the key 'reason' is missing",
    ),
    "a claim with an empty window": (
        "claims/eq_24/setting/window", [9, 3],
        "config: claims.eq_24.setting.window: must be two rising numbers above 0, not [9, 3]",
    ),
    "an unknown verdict": (
        "claims/eq_10/verdict", "true",
        "config: claims.eq_10.verdict: must be one of holds, holds as corrected, false, not "
        "testable, not 'true' (verdict that the build must find)",
    ),
    "an unknown decomposition": (
        "generation_tables/slopes", ["slope_isotropi"],
        "config: generation_tables.slopes: no decomposition 'slope_isotropi'; did you mean "
        "'slope_isotropic'?",
    ),
    "a decomposition like none": (
        "generation_tables/slopes", ["heights"],
        "config: generation_tables.slopes: no decomposition 'heights'; known are "
        "break_even_half, break_even_quarter, break_even_three_quarters, growing_half, "
        "growing_tenth, over_independent, over_shared, projection_independent, "
        "projection_independent_few, projection_independent_many, projection_power_law, "
        "projection_shared, projection_shared_few, slope_isotropic, slope_isotropic_few, "
        "slope_ols, slope_power_law, slope_power_law_steep, slope_two_level, under_independent, "
        "under_shared",
    ),
    "a table without decompositions": (
        "generation_tables/slopes", DELETE,
        "config: generation_tables: the key 'slopes' is missing",
    ),
    "one replicate of a decomposition": (
        f"{D}/replicates", 1,
        "config: decompositions.under_shared.replicates: a standard error needs at least 2",
    ),
    "a shared design that grows": (
        f"{D}/growth", True,
        "config: decompositions.under_shared.shared_design: generators on one shared design "
        "need one size, not [385, 400, 1449, 3075, 5181, 7705, 10603, 13838, 17381, 21208]",
    ),
    "OLS at T = d": (
        D, CONFIG["decompositions"]["under_shared"] | {"samples": 200, "ridge": 0},
        "config: decompositions.under_shared.samples: 200 is within 1 of d = 200, where a fit "
        "with λ = 0 has no finite mean error; take a positive ridge or another size",
    ),
    "no images for the spectrum": (
        f"{K}/sizes/digits/spectrum_images", 1290,
        "config: kernel_experiments.fig4_rbf.sizes.digits: 500 samples and spectrum_images: "
        "1290 need 1790 training images, there are 1297",
    ),
    "power law without r": (
        f"{B}/spectrum/r", DELETE,
        "config: experiments.fig1b_samples.spectrum: a power_law needs both beta and r",
    ),
    "unknown rule": (
        f"{B}/ridge_rules", ["bets"],
        "config: experiments.fig1b_samples.ridge_rules[0]: must be one of fixed, ell, ell_crit, "
        "ell_star, effective, smooth, best, not 'bets' (a ridge rule)",
    ),
    "folder without a name": (
        "images/source", "folder",
        "config: images.folder: must name a folder when images.source is folder",
    ),
    "unreadable folder": (
        "images/folder", "no/such/place",
        "config: images.folder: no/such/place cannot be read as a folder (No such file or "
        "directory)",
    ),
    "unknown source": (
        "images/source", "cifar",
        "config: images.source: must be one of auto, folder, download, digits, not 'cifar' "
        "(folder, download or digits pin one source; auto takes the folder if one is named, "
        "else the download, else the digits)",
    ),
    "two sources": (
        "images/source", ["folder", "digits"],
        "config: images.source: must be one of auto, folder, download, digits, not ['folder', "
        "'digits'] (folder, download or digits pin one source; auto takes the folder if one is "
        "named, else the download, else the digits)",
    ),
    "a folder that the shell would run": (
        "images/folder", "it's \"a\" $(touch x)",
        "config: images.folder: it's \"a\" $(touch x) cannot be read as a folder (No such file "
        "or directory)",
    ),
    "more images than there are": (
        f"{K}/sizes/digits/samples", [2000],
        "config: kernel_experiments.fig4_rbf.sizes.digits: 2000 samples and spectrum_images: "
        "600 need 2600 training images, there are 1297",
    ),
    "a third set of images": (
        f"{K}/sizes/cifar", {},
        "config: kernel_experiments.fig4_rbf.sizes: unknown key 'cifar'; known are digits, mnist",
    ),
    "one name twice": (
        "kernel_experiments/fig1a_ridge", CONFIG["kernel_experiments"]["fig4_rbf"],
        "config: kernel_experiments.fig1a_ridge: experiments has one of that name",
    ),
    "networks of width zero": (
        f"{N}/widths", [0],
        "config: networks.fig6_fresh.widths[0]: must be at least 1, not 0 (number of hidden "
        "units)",
    ),
    "one replicate of a network": (
        f"{N}/replicates", 1,
        "config: networks.fig6_fresh.replicates: a standard error needs at least 2",
    ),
    "one generation of a network": (
        f"{N}/generations", 1,
        "config: networks.fig6_fresh.generations: must be at least 2, not 1 (the last "
        "generation n; 0 trains on true labels)",
    ),
    "a batch larger than the data": (
        f"{N}/batch_size", 1500,
        "config: networks.fig6_fresh.batch_size: 1500 is more than the 1024 samples of "
        "networks.fig6_fresh.sizes.digits",
    ),
    "more samples than images": (
        f"{N}/sizes/mnist/samples", 60_001,
        "config: networks.fig6_fresh.sizes.mnist.samples: 60001 are more than the 60000 images "
        "there are",
    ),
    "more tests than images": (
        f"{N}/sizes/digits/test_images", 501,
        "config: networks.fig6_fresh.sizes.digits.test_images: 501 are more than the 500 images "
        "there are",
    ),
    "no learning": (
        f"{N}/learning_rate", 0,
        "config: networks.fig6_fresh.learning_rate: must be greater than 0, not 0 (step size of "
        "SGD)",
    ),
    "an unknown loss": (
        f"{N}/loss", "median",
        "config: networks.fig6_fresh.loss: must be one of mean, sum, not 'median' (squared "
        "error averaged over the outputs, as PyTorch does, or summed; always averaged over a "
        "batch)",
    ),
    "a misspelt convention": (
        f"{N}/initialization", "normal",
        "config: networks.fig6_fresh: unknown key 'initialization'; did you mean "
        "'initialisation'?",
    ),
    "fresh images for fixed features": (
        "random_features/fig5/image_draw", "fresh",
        "config: random_features.fig5.image_draw: must be same, as one eigendecomposition "
        "serves all generations",
    ),
    "an unknown library": (
        "backend/library", "jax",
        "config: backend.library: must be one of numpy, torch, not 'jax' (array library)",
    ),
    "NumPy on a GPU": (
        "backend/device", "cuda",
        "config: backend.device: numpy runs on the cpu only, cuda needs backend.library torch",
    ),
    "an unknown network": (
        "network_figures/fig6/0/experiments", ["fig6_fres"],
        "config: network_figures.fig6[0]: no network 'fig6_fres'; did you mean 'fig6_fresh'?",
    ),
    "one network twice": (
        "random_features/fig6_fresh", CONFIG["random_features"]["fig5"],
        "config: networks.fig6_fresh: random_features has one of that name",
    ),
    "one figure twice": (
        "network_figures/fig4", CONFIG["network_figures"]["fig5"],
        "config: network_figures.fig4: figures has one of that name",
    ),
    "name with a blank": (
        "experiments/my try", CONFIG["experiments"]["fig1a_ridge"],
        "config: experiments: 'my try' is no valid name; a name is of lower-case letters, "
        "digits and _, and begins with a letter",
    ),
    "a folder with a line break": ("images/folder", "a\nb",
        "config: images.folder: a b cannot be read as a folder (No such file or directory)",
    ),
    "a folder with a zero byte": ("images/folder", "a\0b",
        "config: images.folder: a?b cannot be read as a folder (embedded null byte)",
    ),
    "a folder named by nothing": ("images/folder", "",
        "config: images.folder: . holds neither train-images-idx3-ubyte.gz nor "
        "train-images-idx3-ubyte",
    ),
    "results with a line break": ("pathvars", {"results": "a\n"},
        "config: pathvars.results: must be a path below this folder, of letters, digits, _ . - "
        "and /, not 'a\\n' (folder of results, below this one)",
    ),
    "name with a line break": ("experiments/x\n", CONFIG["experiments"]["fig1a_ridge"],
        "config: experiments: 'x\\n' is no valid name; a name is of lower-case letters, digits "
        "and _, and begins with a letter",
    ),
    "results among logs": ("pathvars", {"results": "here", "logs": "here"},
        "config: pathvars.results: here lies in that of logs, here",
    ),
    "a network figure of the diagram's name": (
        "network_figures/fig3", CONFIG["network_figures"]["fig5"],
        "config: network_figures.fig3: this name is the diagram's, take another",
    ),
    "T of a decomposition beyond all bounds": (f"{D}/samples", 10**30,
        "config: decompositions.under_shared.samples: must be at most 1000000000000000, not "
        "1000000000000000000000000000000 (T, sample size of the downstream fit)",
    ),
    "T0 of a decomposition beyond all bounds": (f"{D}/generator_samples", 10**30,
        "config: decompositions.under_shared.generator_samples: must be at most "
        "1000000000000000, not 1000000000000000000000000000000 (T0, sample size of every "
        "generator)",
    ),
    "a claim with a window of one": ("claims/eq_24/setting/window", [1],
        "config: claims.eq_24.setting.window: must be two rising numbers above 0, not [1]",
    ),
    "a claim with a window of three": ("claims/eq_24/setting/window", [1, 2, 3],
        "config: claims.eq_24.setting.window: must be two rising numbers above 0, not [1, 2, 3]",
    ),
    "a claim with a number for a window": ("claims/eq_24/setting/window", 5,
        "config: claims.eq_24.setting.window: must be two rising numbers above 0, not 5",
    ),
    "a claim with letters for a window": ("claims/eq_24/setting/window", ["a", "b"],
        "config: claims.eq_24.setting.window: must be two rising numbers above 0, not ['a', 'b']",
    ),
    "a claim with half a law": ("claims/v1_crossover/setting/law", [2.0],
        "config: claims.v1_crossover.setting.law: a law is [beta, r], beta > 1 and r > 0, not "
        "[2]",
    ),
    "a claim with a number for a law": ("claims/v1_crossover/setting/law", 5,
        "config: claims.v1_crossover.setting.law: a law is [beta, r], beta > 1 and r > 0, not 5",
    ),
    "a claim with letters for a law": ("claims/v1_crossover/setting/law", ["a", "b"],
        "config: claims.v1_crossover.setting.law: a law is [beta, r], beta > 1 and r > 0, not "
        "['a', 'b']",
    ),
    "a claim with null for laws": ("claims/v1_regularization/setting/laws", None,
        "config: claims.v1_regularization.setting.laws: a law is [beta, r], beta > 1 and r > 0, "
        "not None",
    ),
    "fake labels of odd d": ("fake_labels/d", 5,
        "config: fake_labels.d: must be even for two levels, not 5",
    ),
    "fake labels on a falling grid": ("fake_labels/samples", {"from": 20, "to": 10, "step": 5},
        "config: fake_labels.samples: the grid runs from 20 down to 10",
    ),
    "fake labels on half a grid": ("fake_labels/samples", {"from": 20, "to": 30},
        "config: fake_labels.samples: a grid here has the keys from, to and step",
    ),
    "fake labels on two grids": (
        "fake_labels/samples", {"from": 20, "to": 30, "step": 5, "per_decade": 5},
        "config: fake_labels.samples: a grid here has the keys from, to and step",
    ),
    "fake labels at T = 0": ("fake_labels/samples/from", 0,
        "config: fake_labels.samples.from: must be at least 1, not 0",
    ),
    "fake labels on a grid of billions": (
        "fake_labels/samples", {"from": 1, "to": 1e30, "step": 1},
        "config: fake_labels.samples.step: 1 makes more than 10,000 values",
    ),
    "fake labels with too much weight": ("fake_labels/over_weak_weight/weak_weight/to", 1.5,
        "config: fake_labels.over_weak_weight.weak_weight: must lie between 0 and 1, not "
        "{'from': 0.7, 'to': 1.5, 'step': 0.01}",
    ),
    "fake labels with a weak eigenvalue of 0": (
        "fake_labels/over_weak_eigenvalue/weak_eigenvalue/from", 0,
        "config: fake_labels.over_weak_eigenvalue.weak_eigenvalue: a logarithmic grid must "
        "begin above 0, not at 0",
    ),
    "fake labels at T = -1": ("fake_labels/over_weak_weight/simulated", [[-1, 0.8]],
        "config: fake_labels.over_weak_weight.simulated: a cell is a whole T of at least 1 and "
        "a weak_weight between 0 and 1, not [-1, 0.8]",
    ),
    "fake labels at a fraction of T": ("fake_labels/over_weak_weight/simulated", [[40.5, 0.8]],
        "config: fake_labels.over_weak_weight.simulated: a cell is a whole T of at least 1 and "
        "a weak_weight between 0 and 1, not [40.5, 0.8]",
    ),
    "fake labels in a cell of too much weight": (
        "fake_labels/over_weak_weight/simulated", [[40, 3]],
        "config: fake_labels.over_weak_weight.simulated: a cell is a whole T of at least 1 and "
        "a weak_weight between 0 and 1, not [40, 3]",
    ),
    "fake labels in a cell of eigenvalue 0": (
        "fake_labels/over_weak_eigenvalue/simulated", [[40, 0]],
        "config: fake_labels.over_weak_eigenvalue.simulated: a cell is a whole T of at least 1 "
        "and a weak_eigenvalue between 1e-09 and 1, not [40, 0]",
    ),
}  # fmt: skip


def refusal(config: dict) -> str:
    """The sentence with which a config is refused."""
    with pytest.raises(WorkflowError) as refused:
        check_config(config)
    return str(refused.value)


@pytest.mark.parametrize("case", CONFIGS)
def test_a_bad_config_is_refused_with_its_sentence(case, monkeypatch):
    monkeypatch.chdir(ROOT)  # where a config's paths begin
    path, value, sentence = CONFIGS[case]
    assert "\n" not in sentence
    assert refusal(changed(path, value)) == sentence


def edited(name: str, change):
    """A damage: the bytes of one file changed."""

    def damage(folder: Path) -> None:
        path = folder / name
        path.write_bytes(change(path.read_bytes()))

    return damage


def repacked(name: str, change):
    """The same below the gzip layer."""
    return edited(name, lambda raw: gzip.compress(change(gzip.decompress(raw))))


def replaced(name: str, content: bytes):
    """A damage: other content."""
    return edited(name, lambda _: content)


def holding(name: str, *shape: int, value: int = 0):
    """A damage: a file of this shape in place of the right one."""
    return replaced(name, gzip.compress(idx(np.full(shape, value))))


def renamed(name: str, other: str):
    """A damage: a file under another name."""
    return lambda folder: (folder / name).rename(folder / other)


def emptied(folder: Path) -> None:
    """All four files hold nothing."""
    for name in NAMES:
        holding(name, *((0, 28, 28) if "images" in name else (0,)))(folder)


def file_instead(folder: Path) -> None:
    """A file where the folder should be."""
    shutil.rmtree(folder)
    folder.write_text("no folder")


def folder_instead(folder: Path) -> None:
    """A folder where a file should be."""
    (folder / TEST_IMAGES).unlink()
    (folder / TEST_IMAGES).mkdir()


def linked_to_nowhere(folder: Path) -> None:
    """A link to a file that is gone."""
    (folder / TRAIN_LABELS).unlink()
    (folder / TRAIN_LABELS).symlink_to("nowhere")


def swapped(folder: Path) -> None:
    """Images and labels under each other's names."""
    write_folder(folder, train=20)
    renamed(TRAIN_IMAGES, "images")(folder)
    renamed(TRAIN_LABELS, TRAIN_IMAGES)(folder)
    renamed("images", TRAIN_LABELS)(folder)


def zip_file(name: str, content: bytes) -> bytes:
    """A zip archive with one file, of no date."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


def inverted(raw: bytes, first: int, last: int) -> bytes:
    """Bytes with every bit of [first, last) the other way round."""
    return raw[:first] + bytes(255 - byte for byte in raw[first:last]) + raw[last:]


# Case: what is done to a folder of 7 images to train on and 3 to test on, sentence.
FOLDERS = {
    "no folder": (
        shutil.rmtree,
        "config: images.folder: {folder} cannot be read as a folder (No such file or directory)",
    ),
    "a file in the folder's place": (
        file_instead,
        "config: images.folder: {folder} cannot be read as a folder (Not a directory)",
    ),
    "an empty folder": (
        lambda folder: [(folder / name).unlink() for name in NAMES],
        "config: images.folder: {folder} holds neither train-images-idx3-ubyte.gz nor "
        "train-images-idx3-ubyte",
    ),
    "no images to train on": (
        lambda folder: (folder / TRAIN_IMAGES).unlink(),
        "config: images.folder: {folder} holds neither train-images-idx3-ubyte.gz nor "
        "train-images-idx3-ubyte",
    ),
    "no labels to test with": (
        lambda folder: (folder / TEST_LABELS).unlink(),
        "config: images.folder: {folder} holds neither t10k-labels-idx1-ubyte.gz nor "
        "t10k-labels-idx1-ubyte",
    ),
    "a dot in a name": (
        renamed(TEST_IMAGES, "t10k-images.idx3-ubyte.gz"),
        "config: images.folder: {folder} holds neither t10k-images-idx3-ubyte.gz nor "
        "t10k-images-idx3-ubyte",
    ),
    "a link to nowhere": (
        linked_to_nowhere,
        "config: images.folder: {folder} holds neither train-labels-idx1-ubyte.gz nor "
        "train-labels-idx1-ubyte",
    ),
    "a folder in a file's place": (
        folder_instead,
        "config: images.folder: {folder} holds neither t10k-images-idx3-ubyte.gz nor "
        "t10k-images-idx3-ubyte",
    ),
    "an empty file": (
        replaced(TEST_LABELS, b""),
        "config: {folder}/t10k-labels-idx1-ubyte.gz: truncated, 0 bytes are no IDX header",
    ),
    "a text": (
        replaced(TEST_IMAGES, b"These are no images.\n"),
        "config: {folder}/t10k-images-idx3-ubyte.gz: wrong magic number 0x54686573, an IDX file "
        "of 3 dimension(s) of bytes begins with 0x00000803",
    ),
    "a web page": (
        replaced(TRAIN_IMAGES, b"<html>404 Not Found</html>"),
        "config: {folder}/train-images-idx3-ubyte.gz: wrong magic number 0x3c68746d, an IDX "
        "file of 3 dimension(s) of bytes begins with 0x00000803",
    ),
    "a text, gzipped": (
        replaced(TRAIN_LABELS, gzip.compress(b"These are no labels.\n")),
        "config: {folder}/train-labels-idx1-ubyte.gz: wrong magic number 0x54686573, an IDX "
        "file of 1 dimension(s) of bytes begins with 0x00000801",
    ),
    "a zip archive": (
        replaced(TRAIN_LABELS, zip_file("labels", b"\0\1\2")),
        "config: {folder}/train-labels-idx1-ubyte.gz: wrong magic number 0x504b0304, an IDX "
        "file of 1 dimension(s) of bytes begins with 0x00000801",
    ),
    "gzipped twice": (
        edited(TRAIN_LABELS, gzip.compress),
        "config: {folder}/train-labels-idx1-ubyte.gz: wrong magic number 0x1f8b0800, an IDX "
        "file of 1 dimension(s) of bytes begins with 0x00000801",
    ),
    "gzip cut short": (
        edited(TRAIN_IMAGES, lambda raw: raw[: len(raw) // 2]),
        "config: {folder}/train-images-idx3-ubyte.gz: truncated, corrupted or unreadable "
        "(Compressed file ended before the end-of-stream marker was reached)",
    ),
    "gzip corrupted": (
        edited(TRAIN_IMAGES, lambda raw: inverted(raw, 500, 520)),
        "config: {folder}/train-images-idx3-ubyte.gz: truncated, corrupted or unreadable (CRC "
        "check failed)",
    ),
    "gzip in its first bytes only": (
        replaced(TRAIN_LABELS, b"\x1f\x8bnothing"),
        "config: {folder}/train-labels-idx1-ubyte.gz: truncated, corrupted or unreadable "
        "(Compressed file ended before the end-of-stream marker was reached)",
    ),
    "gzip by a method unknown": (
        edited(TEST_LABELS, lambda raw: inverted(raw, 2, 3)),
        "config: {folder}/t10k-labels-idx1-ubyte.gz: truncated, corrupted or unreadable "
        "(Unknown compression method)",
    ),
    "gzip with more behind it": (
        edited(TEST_LABELS, lambda raw: raw + b"more"),
        "config: {folder}/t10k-labels-idx1-ubyte.gz: truncated, corrupted or unreadable (Not a "
        "gzipped file (b'mo'))",
    ),
    "data cut short": (
        repacked(TRAIN_IMAGES, lambda content: content[:-1]),
        "config: {folder}/train-images-idx3-ubyte.gz: truncated, 5487 bytes of data where 5488 "
        "belong",
    ),
    "data too long": (
        repacked(TEST_LABELS, lambda content: content + b"\0"),
        "config: {folder}/t10k-labels-idx1-ubyte.gz: too long, 4 bytes of data where 3 belong",
    ),
    "header only in part": (
        repacked(TEST_LABELS, lambda content: content[:5]),
        "config: {folder}/t10k-labels-idx1-ubyte.gz: truncated, 5 bytes are no IDX header",
    ),
    "header alone": (
        repacked(TEST_IMAGES, lambda content: content[:16]),
        "config: {folder}/t10k-images-idx3-ubyte.gz: truncated, 0 bytes of data where 2352 "
        "belong",
    ),
    "header of far too much": (
        repacked(TRAIN_IMAGES, lambda content: content[:4] + b"\xff" * 12 + content[16:]),
        "config: {folder}/train-images-idx3-ubyte.gz: truncated, 5488 bytes of data where "
        "79228162458924105385300197375 belong",
    ),
    "floats": (
        repacked(TRAIN_LABELS, lambda content: b"\0\0\x0d\x01" + content[4:]),
        "config: {folder}/train-labels-idx1-ubyte.gz: wrong magic number 0x00000d01, an IDX "
        "file of 1 dimension(s) of bytes begins with 0x00000801",
    ),
    "the other byte order": (
        repacked(TRAIN_LABELS, lambda content: content[3::-1] + content[7:3:-1] + content[8:]),
        "config: {folder}/train-labels-idx1-ubyte.gz: wrong magic number 0x01080000, an IDX "
        "file of 1 dimension(s) of bytes begins with 0x00000801",
    ),
    "images in place of labels": (
        holding(TRAIN_LABELS, 7, 28, 28),
        "config: {folder}/train-labels-idx1-ubyte.gz: wrong magic number 0x00000803, an IDX "
        "file of 1 dimension(s) of bytes begins with 0x00000801",
    ),
    "images and labels swapped": (
        swapped,
        "config: {folder}/train-images-idx3-ubyte.gz: wrong magic number 0x00000801, an IDX "
        "file of 3 dimension(s) of bytes begins with 0x00000803",
    ),
    "images as rows": (
        holding(TRAIN_IMAGES, 7, 784),
        "config: {folder}/train-images-idx3-ubyte.gz: wrong magic number 0x00000802, an IDX "
        "file of 3 dimension(s) of bytes begins with 0x00000803",
    ),
    "images in colour": (
        holding(TEST_IMAGES, 3, 28, 28, 3),
        "config: {folder}/t10k-images-idx3-ubyte.gz: wrong magic number 0x00000804, an IDX file "
        "of 3 dimension(s) of bytes begins with 0x00000803",
    ),
    "14 pixels": (
        holding(TEST_IMAGES, 3, 14, 14),
        "config: {folder}/t10k-images-idx3-ubyte.gz: MNIST images are N ≥ 1 of 28×28 pixels, "
        "this file holds 3×14×14",
    ),
    "27 rows": (
        holding(TEST_IMAGES, 3, 27, 28),
        "config: {folder}/t10k-images-idx3-ubyte.gz: MNIST images are N ≥ 1 of 28×28 pixels, "
        "this file holds 3×27×28",
    ),
    "27 columns": (
        holding(TRAIN_IMAGES, 7, 28, 27),
        "config: {folder}/train-images-idx3-ubyte.gz: MNIST images are N ≥ 1 of 28×28 pixels, "
        "this file holds 7×28×27",
    ),
    "zero images": (
        holding(TEST_IMAGES, 0, 28, 28),
        "config: {folder}/t10k-images-idx3-ubyte.gz: MNIST images are N ≥ 1 of 28×28 pixels, "
        "this file holds 0×28×28",
    ),
    "zero of everything": (
        emptied,
        "config: {folder}/train-images-idx3-ubyte.gz: MNIST images are N ≥ 1 of 28×28 pixels, "
        "this file holds 0×28×28",
    ),
    "zero labels": (
        holding(TEST_LABELS, 0),
        "config: {folder}/t10k-labels-idx1-ubyte.gz: 0 labels do not match the 3 images of "
        "t10k-images-idx3-ubyte.gz",
    ),
    "a label too few": (
        holding(TRAIN_LABELS, 6),
        "config: {folder}/train-labels-idx1-ubyte.gz: 6 labels do not match the 7 images of "
        "train-images-idx3-ubyte.gz",
    ),
    "an image too few": (
        holding(TEST_IMAGES, 2, 28, 28),
        "config: {folder}/t10k-labels-idx1-ubyte.gz: 3 labels do not match the 2 images of "
        "t10k-images-idx3-ubyte.gz",
    ),
    "label 10": (
        holding(TEST_LABELS, 3, value=10),
        "config: {folder}/t10k-labels-idx1-ubyte.gz: labels must be 0–9, found 10",
    ),
    "labels as letters": (
        holding(TRAIN_LABELS, 7, value=ord("a")),
        "config: {folder}/train-labels-idx1-ubyte.gz: labels must be 0–9, found 97",
    ),
    "too few images to train on": (
        lambda folder: None,
        "config: kernel_experiments.fig4_rbf.sizes.mnist: 1000 samples and spectrum_images: "
        "3000 need 4000 training images, there are 7",
    ),
    "too few images to test on": (
        lambda folder: write_folder(folder, train=4000),
        "config: random_features.fig5.sizes.mnist.test_images: 2500 are more than the 3 images "
        "there are",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FOLDERS)
def test_a_bad_image_folder_is_refused_with_its_sentence(case, tmp_path):
    damage, sentence = FOLDERS[case]
    folder = write_folder(tmp_path / "mnist")
    damage(folder)
    found = refusal(changed("images/folder", str(folder)))
    assert "\n" not in found
    assert found.replace(str(folder), "{folder}") == sentence


def test_a_whole_folder_of_enough_images_passes(tmp_path):
    folder = write_folder(tmp_path / "mnist", zipped=False, train=4000, test=10_000)
    check_config(changed("images/folder", str(folder)))


def npy(values) -> bytes:
    """An array as a file of NumPy; an npz is a zip archive of them."""
    saved = io.BytesIO()
    np.save(saved, values)
    return saved.getvalue()


def array_of_draws(path: str) -> dict:
    return read_arrays(path, "draws")


def table_of_risks(path: str):
    return read_csv(path, ["samples", "risk"])


DRAWS = npy(np.arange(300.0))
WHOLE = zip_file("draws.npy", DRAWS)

# Case: how a job reads the file, what it holds, sentence.
FILES = {
    "npz cut short": (
        array_of_draws, WHOLE[:-100],
        "{file}: cut short or damaged; delete it and run again: it is made anew if anything "
        "needs it",
    ),
    "npz damaged": (
        array_of_draws, inverted(WHOLE, 500, 520),
        "{file}: cut short or damaged; delete it and run again: it is made anew if anything "
        "needs it",
    ),
    "npz without the array": (
        array_of_draws, zip_file("risks.npy", DRAWS),
        "{file}: has no array 'draws', as if of another version; delete it and run again: it is "
        "made anew if anything needs it",
    ),
    "npz with an array cut short": (
        array_of_draws, zip_file("draws.npy", DRAWS[:-1]),
        "{file}: cut short or damaged; delete it and run again: it is made anew if anything "
        "needs it",
    ),
    "npz of objects": (
        array_of_draws, zip_file("draws.npy", npy(np.array([{}]))),
        "{file}: cut short or damaged; delete it and run again: it is made anew if anything "
        "needs it",
    ),
    "an empty npz": (
        array_of_draws, b"",
        "{file}: cut short or damaged; delete it and run again: it is made anew if anything "
        "needs it",
    ),
    "npz that is a text": (
        array_of_draws, b"no arrays\n",
        "{file}: cut short or damaged; delete it and run again: it is made anew if anything "
        "needs it",
    ),
    "csv without the column": (
        table_of_risks, b"samples,rsik\n10,0.5\n",
        "{file}: has no column 'risk', as if of another version; delete it and run again: it is "
        "made anew if anything needs it",
    ),
    "csv with semicolons": (
        table_of_risks, b"samples;risk\n10;0.5\n",
        "{file}: has no column 'samples', as if of another version; delete it and run again: it "
        "is made anew if anything needs it",
    ),
    "csv with an open quote": (
        table_of_risks, b'samples,risk\n10,"0.5\n',
        "{file}: no table, or damaged; delete it and run again: it is made anew if anything "
        "needs it",
    ),
    "csv of zeros": (
        table_of_risks, bytes(100),
        "{file}: has no column 'samples', as if of another version; delete it and run again: it "
        "is made anew if anything needs it",
    ),
    "csv damaged": (
        table_of_risks, inverted(b"samples,risk\n10,0.5\n", 13, 16),
        "{file}: no table, or damaged; delete it and run again: it is made anew if anything "
        "needs it",
    ),
    "csv of another encoding": (
        table_of_risks, "samples,risk\n10,½\n".encode("latin-1"),
        "{file}: no table, or damaged; delete it and run again: it is made anew if anything "
        "needs it",
    ),
    "an empty csv": (
        table_of_risks, b"",
        "{file}: no table, or damaged; delete it and run again: it is made anew if anything "
        "needs it",
    ),
    "csv of blank lines": (
        table_of_risks, b"\n\n",
        "{file}: no table, or damaged; delete it and run again: it is made anew if anything "
        "needs it",
    ),
    "csv with a row too long": (table_of_risks, b"samples,risk\n10,0.5\n10,0.5,1\n",
        "{file}: no table, or damaged; delete it and run again: it is made anew if anything "
        "needs it",
    ),
    "csv with rows too long": (table_of_risks, b"samples,risk\n10,0.5,1\n10,0.5,1\n",
        "{file}: no table, or damaged; delete it and run again: it is made anew if anything "
        "needs it",
    ),
    "csv of bytes": (table_of_risks, bytes(range(256)),
        "{file}: no table, or damaged; delete it and run again: it is made anew if anything "
        "needs it",
    ),
    "npz that is a single array": (array_of_draws, DRAWS,
        "{file}: cut short or damaged; delete it and run again: it is made anew if anything "
        "needs it",
    ),
    "npz with a text for an array": (array_of_draws, zip_file("draws.npy", b"no array"),
        "{file}: cut short or damaged; delete it and run again: it is made anew if anything "
        "needs it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_bad_intermediate_file_is_refused_with_its_sentence(case, tmp_path):
    read, content, sentence = FILES[case]
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ValueError) as refused:
        read(str(path))
    found = str(refused.value)
    assert "\n" not in found
    assert found.replace(str(path), "{file}") == sentence
