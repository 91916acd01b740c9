# Data: the regression problems with their grids of points, and the images.


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


rule load_images:
    input:
        image_files(config),
        sources=tracked_sources("images/load_images"),
    output:
        arrays="<results>/data/images.npz",
        source="<results>/data/images.json",
    log:
        "<logs>/load_images.log",
    benchmark:
        "<benchmarks>/load_images.tsv"
    priority: 20
    conda:
        "../envs/python.yaml"
    params:
        images=dag.config["images"],
        seed=config["seed"],
    script:
        "../scripts/images/load_images.py"
