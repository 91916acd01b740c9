"""The benchmark compares like with like, and leaves nothing out."""

import numpy as np

from scripts.benchmark import measure_speed


def test_the_plain_script_and_the_library_reach_the_same_error(monkeypatch):
    """Means of 400 replicates at d = 20, T = 50, within 4 standard errors of the difference."""
    monkeypatch.setattr(measure_speed, "TEST_PAIRS", 2000)
    found = [np.array(method(20, 50)(400)) for method in (measure_speed.plain, measure_speed.ours)]
    error = np.sqrt(sum(values.var(ddof=1) / len(values) for values in found))
    assert abs(found[0].mean() - found[1].mean()) < 4 * error


def test_every_method_is_timed_as_far_as_it_goes(monkeypatch):
    monkeypatch.setattr(measure_speed, "DIMENSION", 20)
    monkeypatch.setattr(measure_speed, "SAMPLES", 100)
    monkeypatch.setattr(measure_speed, "SAMPLE_SIZES", [10, 100, 1000])
    monkeypatch.setattr(measure_speed, "DIMENSIONS", [10, 40])
    monkeypatch.setattr(measure_speed, "TEST_PAIRS", 100)
    monkeypatch.setattr(measure_speed, "LONG_ENOUGH", 0.0)

    class Log:  # what a job logs to
        def info(self, *words):
            """Says nothing."""

    times = measure_speed.measure(2, Log())
    assert times.groupby("method", sort=False).size().to_dict() == {
        "library": 5,
        "chain": 3,
        "floor": 5,
        "plain": 3,
    }
    assert (times["seconds"] > 0).all() and set(times["runs"]) == {2}
