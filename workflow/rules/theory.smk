# Theory: the recursion's test error on the grid of each experiment, and between its points.


rule predict_risk:
    input:
        problem="<results>/data/{experiment}.problem.npz",
        predicted="<results>/data/{experiment}.predicted.csv",
        modules=tracked_modules("predict_risk"),
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
        block=lambda wildcards: dag.part(wildcards.experiment, "noise", *GENERATOR_KEYS),
    script:
        "../scripts/predict_risk.py"


rule predict_kernel_risk:
    input:
        problem="<results>/data/{experiment}.problem.npz",
        source="<results>/data/images.json",
        simulated="<results>/data/{experiment}.simulated.csv",
        modules=tracked_modules("predict_kernel_risk"),
    output:
        "<results>/theory/{experiment}.csv",
    log:
        "<logs>/predict_kernel_risk/{experiment}.log",
    benchmark:
        "<benchmarks>/predict_kernel_risk/{experiment}.tsv"
    wildcard_constraints:
        experiment="|".join(dag.kernel) or "(?!)",
    conda:
        "../envs/python.yaml"
    params:
        block=lambda wildcards: dag.kernel_generator_block(wildcards.experiment)
        | dag.part(wildcards.experiment, "noise"),
    script:
        "../scripts/predict_kernel_risk.py"
