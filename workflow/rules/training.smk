# Training: chains of generators, kept; downstream fits; their test errors, one csv an experiment.


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
    wildcard_constraints:
        experiment="|".join(dag.blocks),
    conda:
        "../envs/python.yaml"
    script:
        "../scripts/regression/summarise_risks.py"
