# Theory: the recursion's test error on the grid of each experiment, and between its points.


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
