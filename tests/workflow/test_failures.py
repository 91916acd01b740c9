"""When the machine fails: each ends in a sentence, not zero, and finished work is kept."""

import ctypes
import resource
import subprocess
import time
from pathlib import Path

import pytest
import yaml
from conftest import RESULTS, clone, command, snakemake
from idx_files import write_folder

TARGET = f"{RESULTS}/training/fig2a_ridge.csv"


def run_under(folder: Path, before, *arguments: str) -> subprocess.CompletedProcess:
    """Snakemake in a folder, after ``before`` has been called in its process."""
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        preexec_fn=before,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def obey_permissions() -> None:
    """Give up root's right to write what is write-protected; nothing for other users."""
    PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability)


def small_disk() -> None:
    """No file of more than 100 kB: as a full disk, an error in the middle of writing."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


def test_a_read_only_results_folder_is_named_before_any_work(origin, tmp_path):
    folder = clone(origin, tmp_path / "project")
    results = folder / "miniature"
    results.mkdir()
    results.chmod(0o555)
    run = run_under(folder, obey_permissions, TARGET)
    assert run.returncode != 0
    assert "pathvars.results: miniature/results cannot be written" in run.stdout
    assert "Traceback" not in run.stdout


def test_a_file_in_the_place_of_the_results_is_named(origin, tmp_path):
    folder = clone(origin, tmp_path / "project")
    (folder / "miniature").write_text("", encoding="utf-8")
    run = snakemake(folder, TARGET)
    assert run.returncode != 0
    assert "pathvars.results: miniature/results cannot be written" in run.stdout


def test_a_full_disk_keeps_what_is_finished(origin, tmp_path):
    """The images fit, the trained networks do not."""
    folder, target = clone(origin, tmp_path / "project"), f"{RESULTS}/training/fig5.csv"
    run = run_under(folder, small_disk, target)
    assert run.returncode != 0
    assert "ERROR: train_random_features: " in run.stdout
    assert "make room or mend it and run again, what is finished is kept" in run.stdout
    assert (folder / RESULTS / "data/fig5.images.npz").is_file()
    assert not list((folder / RESULTS / "training").rglob("*.npz"))
    run = snakemake(folder, target)
    assert run.returncode == 0, run.stdout[-3000:]
    assert "rule draw_network_images" not in run.stdout


def test_a_pinned_download_without_a_network_fails_with_a_sentence(origin, tmp_path):
    folder = clone(origin, tmp_path / "project")
    nowhere = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    images = f"images={{source: download, cache: {tmp_path / 'cache'}}}"
    target = f"{RESULTS}/data/images.npz"
    run = snakemake(folder, target, "--config", images, **nowhere)
    assert run.returncode != 0
    assert "load_images: no MNIST mirror answered (waited at most 10 seconds)" in run.stdout
    run = snakemake(folder, target, "--config", "images={source: auto}", **nowhere)
    assert run.returncode == 0, run.stdout[-3000:]
    assert "NOT MNIST" in run.stdout


def test_a_missing_package_is_named_before_any_work(origin, tmp_path):
    folder = clone(origin, tmp_path / "project")
    path = folder / "workflow/src/pipeline/environment.py"
    text = path.read_text(encoding="utf-8").replace('"pooch", ', '"no-such-package", ')
    path.write_text(text, encoding="utf-8")
    run = snakemake(folder, TARGET)
    assert run.returncode != 0
    assert "Python lacks no-such-package: run `make setup`" in run.stdout
    assert not (folder / "miniature").exists()


def test_other_versions_than_the_locked_ones_are_refused_for_the_paper(origin, tmp_path):
    folder = clone(origin, tmp_path / "project")
    path = folder / "requirements.lock"
    text = path.read_text(encoding="utf-8").replace("\nscipy==", "\nscipy==0.")
    path.write_text(text, encoding="utf-8")
    run = snakemake(folder, "--dry-run")
    assert run.returncode != 0
    assert "is installed but requirements.lock pins 0." in run.stdout


def test_a_second_run_in_the_same_folder_is_refused_and_the_first_goes_on(origin, tmp_path):
    folder = clone(origin, tmp_path / "project")
    first = subprocess.Popen(
        command(TARGET), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not list(folder.glob(".snakemake/locks/*")):
        assert first.poll() is None
        time.sleep(0.01)
    second = snakemake(folder, TARGET, "--rerun-incomplete")
    assert second.returncode != 0
    assert "Directory cannot be locked" in second.stdout
    assert "--unlock" in second.stdout
    assert first.wait(300) == 0
    assert (folder / TARGET).is_file()


def test_yaml_that_would_run_code_is_refused(origin, tmp_path):
    folder = clone(origin, tmp_path / "project")
    (folder / "config/evil.yaml").write_text(
        "seed: !!python/object/apply:os.system ['touch pwned']\n", encoding="utf-8"
    )
    run = snakemake(folder, "--dry-run", "--configfile", "config/evil.yaml", miniature=False)
    assert run.returncode != 0
    assert "Config file is not valid JSON or YAML" in run.stdout
    assert not (folder / "pwned").exists()


NASTY = 'it\'s a "folder" $(touch pwned) ; touch pwned & `touch pwned`'


@pytest.mark.parametrize("link", [False, True], ids=["as it is", "through a link"])
def test_names_from_the_config_never_reach_a_shell(origin, tmp_path, link):
    folder = clone(origin, tmp_path / "project")
    place = write_folder(tmp_path / NASTY, train=400, test=200)
    if link:
        (folder / "other's $(touch pwned)").symlink_to(place)
        place = Path("other's $(touch pwned)")
    (folder / "config/mine.yaml").write_text(
        yaml.safe_dump({"images": {"source": "folder", "folder": str(place)}}), encoding="utf-8"
    )
    target = f"{RESULTS}/data/images.npz"
    run = snakemake(
        folder, target, "--configfile", "config/miniature.yaml", "config/mine.yaml", miniature=False
    )
    assert run.returncode == 0, run.stdout[-3000:]
    assert (folder / target).is_file()
    assert not list(tmp_path.rglob("pwned"))
