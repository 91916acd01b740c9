"""The recursion's error of a kernel ridge chain, from the spectrum that was estimated, and from
half of the images.
"""

from collections.abc import Sequence

import pandas as pd

from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum
from model_collapse.theory.recursion import Risk, equivalents_of, risk_of
from scripts.kernels.settings import KernelGenerators
from scripts.step.files import POINT, read_csv, read_json, read_spectrum, write_csv
from scripts.step.job import job


def predict(
    spectrum: Spectrum, generators: Sequence[Fit], points: pd.DataFrame, noise: float
) -> list[Risk]:
    """The risk at each point."""
    chain = equivalents_of(spectrum, generators)
    return [
        risk_of(spectrum, chain[: p.generation], Fit(p.samples, p.ridge, noise))
        for p in points.itertuples()
    ]


if __name__ == "__main__":
    with job(snakemake) as log:
        files = snakemake.input
        params = snakemake.params
        points = read_csv(files.points, POINT)
        images = read_json(files.source)["name"]
        last = points["generation"].max()
        generators = KernelGenerators(**params.block).generators(images, last)
        risks, from_half = (
            predict(read_spectrum(files.problem, which), generators, points, params.noise)
            for which in ("", "half_")
        )
        table = points.assign(risk=[risk.total for risk in risks]).join(pd.DataFrame(risks))
        table["risk_half_the_images"] = [risk.total for risk in from_half]
        write_csv(table, snakemake.output[0])
        log.info("%d points", len(table))
