# Gaussian regression: grids, chains and downstream fits, theory, tables and figures.


rule draw_problem:
    input:
        sources=tracked_sources("regression/draw_problem"),
    output:
        "<results>/data/{experiment}.problem.npz",
    log:
        "<logs>/draw_problem/{experiment}.log",
    benchmark:
        "<benchmarks>/draw_problem/{experiment}.tsv"
    wildcard_constraints:
        experiment="|".join(dag.regression),
    priority: 10
    conda:
        "../envs/python.yaml"
    params:
        experiment="{experiment}",
        block=lambda wildcards: dag.part(wildcards.experiment, "spectrum"),
    script:
        "../scripts/regression/draw_problem.py"


rule lay_grid:
    input:
        sources=tracked_sources("regression/lay_grid"),
    output:
        simulated="<results>/data/{experiment}.simulated.csv",
    log:
        "<logs>/lay_grid/{experiment}.log",
    benchmark:
        "<benchmarks>/lay_grid/{experiment}.tsv"
    wildcard_constraints:
        experiment="|".join(dag.regression),
    priority: 10
    conda:
        "../envs/python.yaml"
    params:
        experiment="{experiment}",
        block=lambda wildcards: dag.without_replicates(wildcards.experiment),
    script:
        "../scripts/regression/lay_grid.py"


rule train_generators:
    input:
        problem="<results>/data/{experiment}.problem.npz",
        sources=tracked_sources("regression/train_generators"),
    output:
        "<results>/training/{experiment}/generators-{first}-{last}.npz",
    log:
        "<logs>/train_generators/{experiment}-{first}-{last}.log",
    benchmark:
        "<benchmarks>/train_generators/{experiment}-{first}-{last}.tsv"
    wildcard_constraints:
        experiment="|".join(dag.regression),
    conda:
        "../envs/python.yaml"
    params:
        experiment="{experiment}",
        first="{first}",
        last="{last}",
        block=lambda wildcards: dag.part(wildcards.experiment, *GENERATOR_KEYS),
        generations=lambda wildcards: max(dag.blocks[wildcards.experiment]["generations"]),
        seed=lambda wildcards: dag.seed(wildcards.experiment),
    script:
        "../scripts/regression/train_generators.py"


rule fit_downstream:
    input:
        problem="<results>/data/{experiment}.problem.npz",
        simulated="<results>/data/{experiment}.simulated.csv",
        generators="<results>/training/{experiment}/generators-{first}-{last}.npz",
        sources=tracked_sources("regression/fit_downstream"),
    output:
        "<results>/training/{experiment}/risks-{first}-{last}.npz",
    log:
        "<logs>/fit_downstream/{experiment}-{first}-{last}.log",
    benchmark:
        "<benchmarks>/fit_downstream/{experiment}-{first}-{last}.tsv"
    wildcard_constraints:
        experiment="|".join(dag.regression),
    conda:
        "../envs/python.yaml"
    params:
        first="{first}",
        noise=lambda wildcards: dag.blocks[wildcards.experiment]["noise"],
        seed=lambda wildcards: dag.seed(wildcards.experiment),
    script:
        "../scripts/regression/fit_downstream.py"


rule summarise_risks:
    input:
        risks=dag.risk_files,
        simulated="<results>/data/{experiment}.simulated.csv",
        sources=tracked_sources("regression/summarise_risks"),
    output:
        risks="<results>/training/{experiment}.csv",
        replicates="<results>/training/{experiment}.replicates.npz",
    log:
        "<logs>/summarise_risks/{experiment}.log",
    benchmark:
        "<benchmarks>/summarise_risks/{experiment}.tsv"
    conda:
        "../envs/python.yaml"
    script:
        "../scripts/regression/summarise_risks.py"


rule predict_risk:
    input:
        problem="<results>/data/{experiment}.problem.npz",
        sources=tracked_sources("regression/predict_risk"),
    output:
        "<results>/theory/{experiment}.csv",
    log:
        "<logs>/predict_risk/{experiment}.log",
    benchmark:
        "<benchmarks>/predict_risk/{experiment}.tsv"
    wildcard_constraints:
        experiment="|".join(dag.regression),
    conda:
        "../envs/python.yaml"
    params:
        experiment="{experiment}",
        block=lambda wildcards: dag.without_replicates(wildcards.experiment),
        refinement=config["theory_refinement"],
    script:
        "../scripts/regression/predict_risk.py"


rule compare_with_theory:
    input:
        simulated=expand("<results>/training/{name}.csv", name=dag.regression),
        replicates=expand("<results>/training/{name}.replicates.npz", name=dag.regression),
        theory=expand("<results>/theory/{name}.csv", name=dag.regression),
        sources=tracked_sources("regression/compare_with_theory"),
    output:
        points="<results>/tables/agreement_points.csv",
        table=report("<results>/tables/agreement.csv", category="Tables"),
        strays="<results>/tables/agreement_strays.csv",
        tex="<results>/tables/agreement.tex",
    log:
        "<logs>/compare_with_theory.log",
    benchmark:
        "<benchmarks>/compare_with_theory.tsv"
    conda:
        "../envs/python.yaml"
    script:
        "../scripts/regression/compare_with_theory.py"


rule tabulate_experiments:
    input:
        sources=tracked_sources("regression/tabulate_experiments"),
    output:
        "<results>/tables/experiments.tex",
    log:
        "<logs>/tabulate_experiments.log",
    benchmark:
        "<benchmarks>/tabulate_experiments.tsv"
    conda:
        "../envs/python.yaml"
    params:
        blocks=dag.config["experiments"],
    script:
        "../scripts/regression/tabulate_experiments.py"


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
