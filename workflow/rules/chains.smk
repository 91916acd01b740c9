# Chains of either kind, Gaussian or on images: mean errors over replicates, and their figures.

from scripts.chains.settings import (
    Figure,
    files_shown,
    gaussian_generators,
    risk_files,
    sizes_on_images,
)


wildcard_constraints:
    chain=one_of(settings.chains),
    figure=one_of(settings.figures),


rule summarise_risks:
    """Average test errors over all replicates."""
    input:
        risks=lambda w: risk_files(settings, w.chain),
        points="<results>/data/{chain}.points.csv",
    output:
        risks="<results>/training/{chain}.csv",
        replicates="<results>/training/{chain}.replicates.npz",
    log:
        "<logs>/summarise_risks/{chain}.log",
    benchmark:
        "<benchmarks>/summarise_risks/{chain}.tsv"
    localrule: True
    params:
        code=code_of("chains/summarise_risks"),
    script:
        "../scripts/chains/summarise_risks.py"


rule plot_figure:
    """Draw a figure of the config, as PDF for the paper and SVG for the report."""
    input:
        theory=lambda w: files_shown(settings, w.figure, "<results>/theory/{}.csv"),
        simulated=lambda w: files_shown(settings, w.figure, "<results>/training/{}.csv"),
        replicates=lambda w: files_shown(settings, w.figure, "<results>/training/{}.replicates.npz"),
        images=lambda w: [IMAGES["source"]] if sizes_on_images(settings, w.figure) else [],
        style=source("workflow/style.mplstyle"),
    output:
        **drawn("{figure}"),
    log:
        "<logs>/plot_figure/{figure}.log",
    benchmark:
        "<benchmarks>/plot_figure/{figure}.tsv"
    localrule: True
    params:
        panels=lambda w: keys_of(settings.figures[w.figure], Figure)["panels"],
        gaussian=lambda w: gaussian_generators(settings, w.figure),
        on_images=lambda w: sizes_on_images(settings, w.figure),
        code=code_of("chains/plot_figure"),
    script:
        "../scripts/chains/plot_figure.py"
