"""The miniature of the whole DAG: what it makes, what it says, and what needs no code."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
from conftest import NOTHING, RESULTS, configure, edit, fails, jobs, line, succeeds
from idx_files import write_folder

from scripts.step.files import PREDICTED, SIMULATED


def test_all_that_was_to_be_made_is_there_with_logs_and_benchmarks(built):
    said = succeeds(built, "--dry-run", "--forceall")
    made = {}
    for kind in ("output", "log", "benchmark"):
        lines = re.findall(rf"\n    {kind}: (.*)", said)
        made[kind] = [name for line in lines for name in line.split(", ")]
        assert len(made[kind]) > 100
        for name in made[kind]:
            assert (built / name).is_file(), name
    assert all((built / name).stat().st_size > 0 for name in made["output"])
    assert {f"{RESULTS}/{name}" for name in (
        *("paper.pdf", "manifest.json", "claims.csv", "data/images.json", "training/fig5.csv"),
        *("training/fig1a_ridge.csv", "theory/fig4_rbf.csv", "tables/agreement.csv"),
        *(f"figures/fig{n}.svg" for n in ("1a", "1b", "2a", "2b", *"3456")),
    )} <= set(made["output"])  # fmt: skip


def test_a_second_run_has_nothing_to_do(rebuilt):
    assert NOTHING in succeeds(rebuilt)


def test_tables_keep_the_contract_between_rules(built):
    simulated = pd.read_csv(built / RESULTS / "training/fig1b_samples.csv")
    theory = pd.read_csv(built / RESULTS / "theory/fig1b_samples.csv")
    assert list(simulated) == SIMULATED
    assert list(theory) == PREDICTED
    rules = {"ell_crit", "ell_star", "effective", "smooth", "best"}
    assert set(simulated["ridge_rule"]) == rules
    assert simulated["replicates"].nunique() == 1
    total = theory["bias"] + theory["variance"] + theory["collapse"]
    pd.testing.assert_series_equal(total, theory["risk"], check_names=False, rtol=1e-12)
    joined = pd.read_csv(built / RESULTS / "tables/agreement_points.csv")
    assert (joined["z"].abs() < 6).all()


def test_the_ledger_keeps_its_columns(built):
    table = pd.read_csv(built / RESULTS / "claims.csv")
    assert len(table) >= 15
    assert {
        "claim", "source", "where", "statement", "erratum", "answers", "predicted", "corrected",
        "measured", "standard_error", "deviation", "tolerance", "tolerance_reason", "verdict",
        "shown_in",
    } <= set(table)  # fmt: skip
    assert (table["verdict"] == table["expected"]).all()
    tested = table[table["verdict"] != "not testable"]
    assert (tested["tolerance_reason"].str.len() > 0).all()


def test_the_paper_states_its_origin_and_nothing_of_this_machine(built):
    paper = built / RESULTS / "paper.pdf"
    text = subprocess.check_output(["pdftotext", "-layout", paper, "-"], text=True)
    assert "??" not in text
    assert "NOT MNIST" in text
    record = (built / RESULTS / "tables/provenance.json").read_text(encoding="utf-8")
    assert re.search(r'"config": "([0-9a-f]{16})', record).group(1) in text
    assert "numpy" in text
    assert str(built) not in text
    assert b"CreationDate (D:20241210000000" in paper.read_bytes()


def test_the_ledger_is_printed_each_time_and_can_be_asked_for_one_claim(rebuilt):
    for _ in range(2):
        said = succeeds(rebuilt, "check_claims")
        assert "err_10" in said
        assert set(jobs(said)) == {"check_claims"}
    said = succeeds(rebuilt, "check_claims", "--config", "claim=err_10")
    table = [line for line in said.splitlines() if line.startswith(("claim", "thm", "err"))]
    assert [line.split()[0] for line in table] == ["claim", "err_10"]
    assert table[1].split()[-1] == "false"
    said = fails(rebuilt, "check_claims", "--config", "claim=err_17")
    assert "config: claim: no claim 'err_17'" in said


def test_an_edited_style_draws_other_figures(rebuilt):
    figure = rebuilt / RESULTS / "figures/fig1a.pdf"
    before = figure.read_bytes()
    edit(rebuilt / "workflow/style.mplstyle", r"\Z", "lines.markersize: 5\n")
    assert set(jobs(succeeds(rebuilt, f"{RESULTS}/figures/fig1a.pdf"))) == {"plot_figure"}
    assert figure.read_bytes() != before


def test_another_t0_and_another_generation_list_need_no_code(rebuilt):
    new = {"generator_samples": 700, "generations": [0, 2]}
    blocks = [f"experiments/{name}" for name in ("fig1a_ridge", "fig1a_samples")]
    changes = [part for at in blocks for key in new for part in (f"{at}/{key}", new[key])]
    configure(rebuilt, "config.yaml", *changes)
    succeeds(rebuilt, f"{RESULTS}/figures/fig1a.pdf", f"{RESULTS}/tables/numbers.tex")
    table = pd.read_csv(rebuilt / RESULTS / "training/fig1a_samples.csv")
    assert set(table["generation"]) == {0, 2}


def test_an_image_folder_is_used_and_its_change_is_seen(rebuilt, tmp_path):
    mnist = write_folder(tmp_path / "mnist", train=5000, test=10000)
    images = ("--config", f"images={{source: folder, folder: {mnist}}}")
    before = (rebuilt / RESULTS / "training/fig4_rbf.csv").read_bytes()
    targets = (f"{RESULTS}/training/fig4_rbf.csv", f"{RESULTS}/tables/provenance.tex")
    succeeds(rebuilt, *targets, *images)
    assert (rebuilt / targets[0]).read_bytes() != before
    stated = (rebuilt / targets[1]).read_text(encoding="utf-8")
    assert "images from a folder (not MNIST); 5,000 to train on, 10,000 to test on" in stated
    write_folder(mnist, train=5001, test=10000)
    found = jobs(succeeds(rebuilt, "--dry-run", f"{RESULTS}/figures/fig4.pdf", *images))
    assert {"load_images", "train_kernel_generators"} <= found.keys()
    assert "train_generators" not in found


def test_make_prints_one_line_of_progress_in_place_of_pages(rebuilt):
    """``make -o environment`` takes the packages as they are."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    arguments = f"ARGS={' '.join(line())}"
    run = subprocess.run(
        ["make", "-o", "environment", "verify", arguments],
        cwd=rebuilt,
        env=os.environ | {"PATH": path},
        capture_output=True,
    )
    said = run.stderr.decode()
    assert run.returncode == 0, said
    assert "1 of 1 jobs done" in said and not jobs(said)
