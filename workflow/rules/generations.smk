# Chains generation by generation: bias, variance and collapse, their tables and figure.


rule predict_terms:
    input:
        sources=tracked_sources("decomposition/predict_terms"),
    output:
        "<results>/theory/{decomposition}.terms.csv",
    log:
        "<logs>/predict_terms/{decomposition}.log",
    benchmark:
        "<benchmarks>/predict_terms/{decomposition}.tsv"
    conda:
        "../envs/python.yaml"
    params:
        decomposition="{decomposition}",
        block=lambda wildcards: dag.decomposition(wildcards.decomposition, replicates=False),
    script:
        "../scripts/decomposition/predict_terms.py"


rule simulate_terms:
    input:
        sources=tracked_sources("decomposition/simulate_terms"),
    output:
        "<results>/training/{decomposition}.terms.npz",
    log:
        "<logs>/simulate_terms/{decomposition}.log",
    benchmark:
        "<benchmarks>/simulate_terms/{decomposition}.tsv"
    conda:
        "../envs/python.yaml"
    params:
        decomposition="{decomposition}",
        block=lambda wildcards: dag.decomposition(wildcards.decomposition),
        seed=lambda wildcards: dag.seed(wildcards.decomposition),
    script:
        "../scripts/decomposition/simulate_terms.py"


rule tabulate_generations:
    input:
        theory=dag.terms("<results>/theory/{}.terms.csv", *GENERATION_TABLES),
        simulated=dag.terms("<results>/training/{}.terms.npz", *GENERATION_TABLES),
        sources=tracked_sources("decomposition/tabulate_generations"),
    output:
        slopes=report("<results>/tables/slopes.csv", category="Tables"),
        projections=report("<results>/tables/projections.csv", category="Tables"),
        growing=report("<results>/tables/growing.csv", category="Tables"),
        slopes_tex="<results>/tables/slopes.tex",
        projections_tex="<results>/tables/projections.tex",
        growing_tex="<results>/tables/growing.tex",
    log:
        "<logs>/tabulate_generations.log",
    benchmark:
        "<benchmarks>/tabulate_generations.tsv"
    conda:
        "../envs/python.yaml"
    params:
        blocks=dag.decompositions(*GENERATION_TABLES),
        shown=dag.config["generation_tables"],
    script:
        "../scripts/decomposition/tabulate_generations.py"


rule plot_decomposition:
    input:
        theory=dag.terms("<results>/theory/{}.terms.csv", "decomposition"),
        simulated=dag.terms("<results>/training/{}.terms.npz", "decomposition"),
        style="workflow/style.mplstyle",
        sources=tracked_sources("decomposition/plot_decomposition"),
    output:
        pdf="<results>/figures/decomposition.pdf",
        svg=report("<results>/figures/decomposition.svg", category="Figures"),
    log:
        "<logs>/plot_decomposition.log",
    benchmark:
        "<benchmarks>/plot_decomposition.tsv"
    conda:
        "../envs/python.yaml"
    params:
        blocks=dag.decompositions("decomposition"),
    script:
        "../scripts/decomposition/plot_decomposition.py"
