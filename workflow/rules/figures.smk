# Figures: one rule for all that the config lists, and the diagram of the framework.


rule figures:
    input:
        dag.figure_files,


rule plot_figure:
    input:
        problems=lambda wildcards: dag.of_panels(
            wildcards, "<results>/data/{}.problem.npz", dag.regression
        ),
        theory=lambda wildcards: dag.of_panels(wildcards, "<results>/theory/{}.csv"),
        simulated=lambda wildcards: dag.of_panels(wildcards, "<results>/training/{}.csv"),
        replicates=lambda wildcards: dag.of_panels(
            wildcards, "<results>/training/{}.replicates.npz"
        ),
        images=dag.figure_images,
        style="workflow/style.mplstyle",
        sources=tracked_sources("regression/plot_figure"),
    output:
        pdf="<results>/figures/{figure}.pdf",
        svg=report(
            "<results>/figures/{figure}.svg", category="Figures", labels={"figure": "{figure}"}
        ),
    log:
        "<logs>/plot_figure/{figure}.log",
    benchmark:
        "<benchmarks>/plot_figure/{figure}.tsv"
    wildcard_constraints:
        figure="|".join(config["figures"]) or "(?!)",
    conda:
        "../envs/python.yaml"
    params:
        figure=lambda wildcards: dag.figure_block(wildcards.figure),
    script:
        "../scripts/regression/plot_figure.py"


rule draw_framework:
    input:
        diagram="paper/framework.tex",
        sources=tracked_sources("paper/draw_framework"),
    output:
        pdf="<results>/figures/fig3.pdf",
        svg=report("<results>/figures/fig3.svg", category="Figures", labels={"figure": "fig3"}),
    log:
        "<logs>/draw_framework.log",
    benchmark:
        "<benchmarks>/draw_framework.tsv"
    conda:
        "../envs/python.yaml"
    script:
        "../scripts/paper/draw_framework.py"
