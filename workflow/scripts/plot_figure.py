"""One figure of the config, as PDF for the paper and SVG for the report."""

import numpy as np
from matplotlib import pyplot as plt

from pipeline.files import named_after, read_csv, read_json, read_spectrum
from pipeline.job import job
from pipeline.plots import Results, draw_figure

with job(snakemake) as log:
    plt.style.use(snakemake.input.style)
    problems, theory = named_after(snakemake.input.problems), named_after(snakemake.input.theory)
    simulated = named_after(snakemake.input.simulated)
    replicates = named_after(snakemake.input.replicates)
    images = read_json(snakemake.input.images[0]) if snakemake.input.images else {"name": None}
    results = {}
    for name, block in snakemake.params.figure["experiments"].items():
        spectrum = read_spectrum(problems[name]) if name in problems else None
        sizes = block.get("sizes", {}).get(images["name"], block)
        results[name] = Results(
            block=block,
            simulated=read_csv(simulated[name]),
            risks=np.load(replicates[name])["risks"],
            theory=read_csv(theory[name]) if name in theory else None,
            generator_samples=sizes["generator_samples"],
            dimension=spectrum.dimension if spectrum else None,
            null_risk=spectrum.null_risk if spectrum else None,
        )
    note = f"Images: {images['description']}" if snakemake.input.images else ""
    figure = draw_figure(snakemake.params.figure["panels"], results, note)
    figure.savefig(snakemake.output.pdf)
    figure.savefig(snakemake.output.svg, metadata={"Date": None})
    log.info("%d panels", len(snakemake.params.figure["panels"]))
