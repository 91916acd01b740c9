"""One figure of the config, as PDF for the paper and SVG for the report."""

from matplotlib import pyplot as plt

from scripts.core.files import arrays_of, named_after, read_json, read_spectrum, tables_of
from scripts.core.grids import PREDICTED, SIMULATED
from scripts.core.job import job
from scripts.regression.plots import Results, draw_figure

with job(snakemake) as log:
    plt.style.use(["default", snakemake.input.style])
    problems = named_after(snakemake.input.problems)
    theory = tables_of(snakemake.input.theory, PREDICTED)
    simulated = tables_of(snakemake.input.simulated, SIMULATED)
    risks = arrays_of(snakemake.input.replicates, "risks")
    images = read_json(snakemake.input.images[0]) if snakemake.input.images else {"name": None}
    results = {}
    for name, block in snakemake.params.figure["experiments"].items():
        spectrum = read_spectrum(problems[name]) if name in problems else None
        sizes = block.get("sizes", {}).get(images["name"], block)
        results[name] = Results(
            block=block,
            simulated=simulated[name],
            risks=risks[name],
            theory=theory.get(name),
            generator_samples=sizes["generator_samples"],
            dimension=spectrum.dimension if spectrum else None,
            null_risk=spectrum.null_risk if spectrum else None,
        )
    note = f"Images: {images['description']}" if snakemake.input.images else ""
    figure = draw_figure(snakemake.params.figure["panels"], results, note)
    figure.savefig(snakemake.output.pdf)
    figure.savefig(snakemake.output.svg, metadata={"Date": None})
    log.info("%d panels", len(snakemake.params.figure["panels"]))
