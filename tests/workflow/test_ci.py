"""What CI does between two builds."""

import subprocess

from conftest import NOTHING, RESULTS, ROOT, edit, jobs, succeeds


def restored(folder):
    """What a build would do in a new checkout with the results of the last build."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_relative_to(folder / "miniature") and "." != path.name[0]:
            path.touch()
    (folder / ".ci").mkdir(exist_ok=True)
    (folder / ".ci/restore").write_bytes((ROOT / ".ci/restore").read_bytes())
    (folder / ".ci/restore").chmod(0o755)
    subprocess.check_call([folder / ".ci/restore", RESULTS])
    return succeeds(folder, "-n")


def test_a_checkout_with_the_last_results_does_again_only_what_changed(rebuilt):
    (rebuilt / ".git/info/exclude").write_text(".ci\n")
    assert NOTHING in restored(rebuilt)
    edit(rebuilt / "workflow/scripts/scaling/plot_crossover.py", r"\Z", "# a change\n")
    made = jobs(restored(rebuilt))
    assert "plot_crossover" in made
    assert not made.keys() & {"train_generators", "measure_exponents", "plot_figure"}
    assert (rebuilt / RESULTS / "last-manifest.json").exists()
