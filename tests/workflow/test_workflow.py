"""The miniature of the whole DAG: what runs, what reruns, and that the bytes stay the same."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import NOTHING, RESULTS, copy_project, dry, edited_yaml, jobs, snakemake
from scripts.dag import MAPS


def triggered_by(found: dict[str, list[str]], file: str) -> set[str]:
    """Rules with a job that reruns because of a file's change itself."""
    return {rule for rule, reasons in found.items() if any(file in r for r in reasons)}


def test_everything_is_there_with_logs_and_benchmarks(built):
    for path in (
        "paper.pdf", "manifest.json", "data/images.json", "data/fig1a_ridge.simulated.csv",
        "training/fig1a_ridge/generators-0-9.npz", "training/fig1a_ridge/risks-10-19.npz",
        "training/fig1a_ridge.csv", "training/fig4_rbf.csv", "theory/fig1b_samples.csv",
        "tables/agreement.csv", "tables/agreement_points.csv", "tables/provenance.json",
        "claims.csv", "claims/thm_4_1.csv", "theory/exponents_over_a.csv",
        "training/over_shared.terms.npz", "theory/fig4_rbf.csv", "tables/universality.csv",
        *(f"tables/scaling_{name}.csv" for name in ("clean", "collapsed", "crossover")),
        *(f"tables/{name}.csv" for name in ("slopes", "projections", "growing")),
        *(f"tables/kernel_{name}.csv" for name in ("exponents", "growth")),
        *(f"figures/{name}.pdf" for name in MAPS),
        "data/fig6_fresh.images.npz", "training/fig6_fresh/width-8.npz",
        "training/fig5/width-200/replicate-1.npz", "training/fig5.csv", "theory/fig5.csv",
        *(f"tables/{name}.csv" for name in ("networks", "network_growth", "network_agreement")),
        "tables/stability.csv", "figures/fig5.svg", "figures/fig6.svg",
        *(f"figures/fig{n}.pdf" for n in ("1a", "1b", "2a", "2b", "3", "4")),
        *(f"figures/fig{n}.svg" for n in ("1a", "1b", "2a", "2b", "3", "4")),
    ):  # fmt: skip
        assert (built / RESULTS / path).stat().st_size > 0, path
    for kind, suffix in (("logs", "log"), ("benchmarks", "tsv")):
        folder = built / "miniature" / kind
        assert (folder / "train_generators" / f"fig1a_ridge-0-9.{suffix}").is_file()
        assert (folder / f"write_paper.{suffix}").is_file()


def test_a_second_run_has_nothing_to_do(built):
    run = snakemake(built)
    assert run.returncode == 0
    assert NOTHING in run.stdout


def test_tables_keep_the_contract_between_rules(built):
    keys = ["experiment", "generation", "samples", "ridge_rule", "ridge"]
    simulated = pd.read_csv(built / RESULTS / "training/fig1b_samples.csv")
    theory = pd.read_csv(built / RESULTS / "theory/fig1b_samples.csv")
    assert list(simulated) == [*keys, "risk", "risk_se", "replicates"]
    assert list(theory) == [*keys, "risk", "bias", "variance", "collapse"]
    assert set(simulated["ridge_rule"]) == {
        "ell_crit",
        "ell_star",
        "effective",
        "smooth",
        "best",
    }
    assert (simulated["replicates"] == 20).all()
    total = theory["bias"] + theory["variance"] + theory["collapse"]
    pd.testing.assert_series_equal(total, theory["risk"], check_names=False, rtol=1e-12)
    joined = pd.read_csv(built / RESULTS / "tables/agreement_points.csv")
    assert (joined["z"].abs() < 6).all()


def pdf_text(path: Path) -> str:
    return subprocess.check_output(["pdftotext", "-layout", path, "-"], text=True)


def test_the_paper_states_its_origin_and_nothing_of_this_machine(built):
    text = pdf_text(built / RESULTS / "paper.pdf")
    assert "??" not in text
    assert "NOT MNIST" in text
    record = (built / RESULTS / "tables/provenance.json").read_text(encoding="utf-8")
    assert re.search(r'"config": "([0-9a-f]{16})', record).group(1) in text
    assert "numpy" in text
    raw = (built / RESULTS / "paper.pdf").read_bytes()
    assert str(built).encode() not in raw
    assert str(built) not in text
    assert b"CreationDate (D:20241210000000" in raw


LAST = {"summarise_compute", "write_manifest"}
SIMULATED = {"simulate_exponents", "simulate_fake_labels", "simulate_terms"}
LAWS = {"measure_exponents", "tabulate_exponents", "predict_fake_labels"}
EDITS = {
    "kernels": {
        "estimate_kernel_spectrum",
        "fit_kernel_downstream",
        "lay_kernel_grid",
        "predict_kernel_risk",
        "measure_claim",
        "train_kernel_generators",
        "draw_network_images",
        "measure_stability",
    },
    "networks": {"train_network", "train_random_features", "predict_random_features"}
    | {"measure_stability", "summarise_networks", "measure_claim"},
    "filters": {"predict_random_features"},
    "scaling": {"lay_grid", "predict_risk", "measure_claim", "write_numbers"} | LAWS | SIMULATED,
    "theory": {"lay_grid", "predict_kernel_risk", "predict_risk", "predict_terms", "measure_claim"}
    | {"tabulate_generations", "write_numbers"}
    | LAWS
    | SIMULATED,
    "designs": {"fit_downstream", "measure_claim", "train_generators"} | SIMULATED,
    "images": {"load_images", "measure_claim"},
}


@pytest.mark.parametrize("module", EDITS)
def test_an_edited_module_reruns_the_rules_that_import_it(rebuilt, module):
    """By name, and the hash of the library that the paper prints; other rules only follow.

    Snakemake names one reason a job, and "updated by another job" comes before "updated input".
    """
    path = f"workflow/src/model_collapse/{module}.py"
    with open(rebuilt / path, "a", encoding="utf-8") as file:
        file.write("\n# edited\n")
    found, expected = dry(rebuilt), EDITS[module] | {"record_provenance"}
    assert expected <= found.keys()
    assert triggered_by(found, path) <= expected
    for rule in found.keys() - expected:
        assert all("updated by another job" in reason for reason in found[rule]), rule
    if module == "kernels":
        assert "train_generators" not in found
    if module == "designs":
        assert "predict_risk" not in found


def test_a_touched_module_of_the_same_content_reruns_nothing(rebuilt):
    (rebuilt / "workflow/src/model_collapse/theory.py").touch()
    run = snakemake(rebuilt, "--dry-run")
    assert NOTHING in run.stdout


def test_a_style_edit_replots_and_rebuilds_the_pdf_only(rebuilt):
    """compute.csv and the manifest follow: what these jobs took, and what they made."""
    style = rebuilt / "workflow/style.mplstyle"
    style.write_text(style.read_text(encoding="utf-8") + "lines.markersize: 5\n", encoding="utf-8")
    before = (rebuilt / RESULTS / "figures/fig1a.pdf").read_bytes()
    run = snakemake(rebuilt)
    assert run.returncode == 0, run.stdout[-3000:]
    replotted = {"plot_figure", "plot_networks", *(f"plot_{name}" for name in MAPS)}
    assert set(jobs(run.stdout)) == replotted | {"write_paper"} | LAST
    assert (rebuilt / RESULTS / "figures/fig1a.pdf").read_bytes() != before


def test_networks_that_diverge_stop_with_a_sentence_and_keep_what_is_finished(rebuilt):
    """The first generation of another noise diverges; fixed features are refused beforehand."""

    def change(config):
        config["networks"]["fig6_control"]["generator_noise"] = 1.0e30
        config["random_features"]["fig5"]["learning_rate"] = 1000

    edited_yaml(rebuilt, "miniature.yaml", change)
    target = f"{RESULTS}/training/{{}}.csv"
    run = snakemake(rebuilt, target.format("fig6_control"), target.format("fig5"), "--keep-going")
    assert run.returncode != 0
    assert re.search(
        r"train_network: generation 1: the training loss of replicate 0 is not finite in epoch 1",
        run.stdout,
    )
    assert re.search(r"learning_rate 1000 is unstable: .* from 2/h = [\d.]+ on", run.stdout)
    with np.load(rebuilt / RESULTS / "training/fig6_control/.unfinished-width-4.npz") as chain:
        assert len(chain["risks"]) == 1


def test_another_t0_and_another_generation_list_need_no_code(rebuilt):
    def change(config):
        for name in ("fig1a_ridge", "fig1a_samples"):
            config["experiments"][name] |= {"generator_samples": 70, "generations": [0, 2]}

    edited_yaml(rebuilt, "miniature.yaml", change)
    run = snakemake(rebuilt)
    assert run.returncode == 0, run.stdout[-3000:]
    table = pd.read_csv(rebuilt / RESULTS / "training/fig1a_samples.csv")
    assert set(table["generation"]) == {0, 2}


def test_a_new_experiment_and_its_figure_need_no_code(rebuilt):
    def change(config):
        config["experiments"]["mine"] = {
            "spectrum": {"name": "power_law", "d": 20, "beta": 1.5, "r": 0.5},
            "generator_samples": 50,
            "generator_ridge": 0.01,
            "generator_noise": 0.3,
            "noise": 0.1,
            "generations": [0, 4],
            "samples": [5, 50, 500],
            "ridge_rules": ["ell_star", "best"],
            "replicates": 3,
        }
        config["figures"]["mine"] = {"panels": [{"experiment": "mine", "sweep": "samples"}]}

    edited_yaml(rebuilt, "miniature.yaml", change)
    run = snakemake(rebuilt, f"{RESULTS}/figures/mine.pdf")
    assert run.returncode == 0, run.stdout[-3000:]
    assert (rebuilt / RESULTS / "figures/mine.svg").is_file()


@pytest.fixture
def no_tex(tmp_path) -> str:
    """A PATH on which the shell is found and TeX is not."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("bash", "sh", "env"):
        (folder / tool).symlink_to(shutil.which(tool))
    return str(folder)


def test_without_tex_the_paper_is_refused_at_once_and_figures_are_built(rebuilt, no_tex):
    run = snakemake(rebuilt, "--dry-run", PATH=no_tex)
    assert run.returncode != 0
    assert "apt-get install latexmk" in run.stdout
    assert "snakemake --cores all figures" in run.stdout
    (rebuilt / RESULTS / "figures/fig1a.pdf").unlink()
    run = snakemake(rebuilt, "figures", PATH=no_tex)
    assert run.returncode == 0, run.stdout[-3000:]
    assert (rebuilt / RESULTS / "figures/fig1a.pdf").is_file()


@pytest.mark.parametrize("broken", [r"\ref{fig:nowhere}", r"\citet{nobody2020}", r"\val{no.such}"])
def test_an_undefined_reference_citation_or_number_fails_the_build(rebuilt, broken):
    main = rebuilt / "paper/main.tex"
    text = main.read_text(encoding="utf-8").replace(
        r"\section{Setup}", rf"\section{{Setup}} {broken}"
    )
    main.write_text(text, encoding="utf-8")
    run = snakemake(rebuilt)
    assert run.returncode != 0
    assert not (rebuilt / RESULTS / "paper.pdf").exists()
    assert (rebuilt / "miniature/logs/write_paper.log").stat().st_size > 0


def test_a_config_without_an_experiment_of_the_text_is_refused(rebuilt):
    path = rebuilt / "config/config.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    del config["figures"]["fig4"], config["kernel_experiments"]["fig4_rbf_unit"]
    config["figures"]["fig4"] = {"panels": [{"experiment": "fig4_rbf", "sweep": "samples"}]}
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    run = snakemake(rebuilt, "--dry-run", miniature=False)
    assert run.returncode != 0
    assert "kernel_experiments.fig4_rbf_unit: the paper's text needs this experiment" in run.stdout


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        ({"experiments": {"fig1a_ridge": {"replicates": 0}}}, "experiments.fig1a_ridge.replicates"),
        ({"images": {"source": "folder", "folder": "nowhere"}}, "images.folder: nowhere"),
        (
            {"experiments": {"fig1a_ridge": {"nose": 1}}},
            "experiments.fig1a_ridge: unknown key 'nose'",
        ),
    ],
)
def test_bad_config_stops_the_command_before_any_work(tmp_path, block, sentence):
    folder = copy_project(tmp_path / "project")
    (folder / "config/bad.yaml").write_text(yaml.safe_dump(block), encoding="utf-8")
    run = snakemake(folder, "--configfile", "config/bad.yaml", miniature=False)
    assert run.returncode != 0
    assert f"config: {sentence}" in run.stdout
    assert "Traceback" not in run.stdout
    assert not (folder / "results").exists()


def test_a_damaged_image_file_stops_the_command_and_is_named(tmp_path):
    from idx_files import TRAIN_LABELS, write_folder

    folder = copy_project(tmp_path / "project")
    mnist = write_folder(tmp_path / "mnist")
    (mnist / TRAIN_LABELS).write_bytes(b"\x1f\x8bnothing")
    run = snakemake(folder, "--config", f"images={{source: folder, folder: {mnist}}}")
    assert run.returncode != 0
    assert TRAIN_LABELS in run.stdout
    assert not (folder / "miniature").exists()


def test_an_image_folder_is_used_and_its_change_is_seen(rebuilt, tmp_path):
    from idx_files import write_folder

    mnist = write_folder(tmp_path / "mnist", train=400, test=200)
    images = f"images={{source: folder, folder: {mnist}}}"
    run = snakemake(rebuilt, "--config", images)
    assert run.returncode == 0, run.stdout[-3000:]
    assert "400 to train on, 200 to test on" in pdf_text(rebuilt / RESULTS / "paper.pdf").replace(
        "\n", " "
    )
    write_folder(tmp_path / "mnist", train=401, test=200)
    found = jobs(snakemake(rebuilt, "--dry-run", "--config", images).stdout)
    assert "load_images" in found
    assert "train_generators" not in found


def test_the_ledger_is_printed_each_time_and_can_be_asked_for_one_claim(built):
    for _ in range(2):
        run = snakemake(built, "check_claims")
        assert run.returncode == 0, run.stdout[-3000:]
        assert "err_10" in run.stdout
        assert set(jobs(run.stdout)) == {"check_claims"}
    run = snakemake(built, "check_claims", "--config", "claim=err_10")
    table = [line for line in run.stdout.splitlines() if line.startswith(("claim", "thm", "err"))]
    assert [line.split()[0] for line in table] == ["claim", "err_10"]
    assert table[1].split()[-1] == "false"
    run = snakemake(built, "check_claims", "--config", "claim=err_17")
    assert run.returncode != 0
    assert "config: claim: no claim 'err_17'" in run.stdout


def test_a_changed_verdict_fails_the_build_and_is_named(rebuilt):
    """A tolerance that the ledger was not written for: the paper is not built."""

    def change(config):
        config["claims"]["thm_4_1"]["tolerance"] = {"reason": "none at all"}

    edited_yaml(rebuilt, "claims.yaml", change)
    before = (rebuilt / RESULTS / "claims/thm_4_1.csv").read_bytes()
    for target in ([], ["check_claims"]):
        run = snakemake(rebuilt, *target)
        assert run.returncode != 0
        assert "thm_4_1: expected “holds”, found “unsettled”" in run.stdout
        assert "eq_10: expected" not in run.stdout
    assert (rebuilt / RESULTS / "claims/thm_4_1.csv").read_bytes() == before


def test_the_ledger_keeps_its_columns(built):
    table = pd.read_csv(built / RESULTS / "claims.csv")
    assert len(table) >= 15
    assert {
        "claim", "version", "where", "statement", "erratum", "answers", "predicted", "corrected",
        "measured", "standard_error", "deviation", "tolerance", "tolerance_reason", "verdict",
        "shown_in",
    } <= set(table)  # fmt: skip
    assert (table["verdict"] == table["expected"]).all()
    tested = table[table["verdict"] != "not testable"]
    assert (tested["tolerance_reason"].str.len() > 0).all()
