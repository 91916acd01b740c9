# Scaling laws, decompositions by generation, fake against true labels: their own kinds of blocks.


rule measure_exponents:
    input:
        modules=tracked_modules("measure_exponents"),
    output:
        "<results>/theory/exponents_{table}.csv",
    log:
        "<logs>/measure_exponents/{table}.log",
    benchmark:
        "<benchmarks>/measure_exponents/{table}.tsv"
    wildcard_constraints:
        table="|".join(SCALING_TABLES),
    conda:
        "../envs/python.yaml"
    params:
        scaling=lambda wildcards: dag.scaling_block(wildcards.table),
    script:
        "../scripts/measure_exponents.py"


rule simulate_exponents:
    input:
        modules=tracked_modules("simulate_exponents"),
    output:
        "<results>/training/exponents_{table}.csv",
    log:
        "<logs>/simulate_exponents/{table}.log",
    benchmark:
        "<benchmarks>/simulate_exponents/{table}.tsv"
    wildcard_constraints:
        table="|".join(SCALING_TABLES),
    priority: 5
    conda:
        "../envs/python.yaml"
    params:
        scaling=lambda wildcards: dag.scaling_block(wildcards.table),
        seed=lambda wildcards: dag.seed(wildcards.table),
    script:
        "../scripts/simulate_exponents.py"


rule predict_terms:
    input:
        modules=tracked_modules("predict_terms"),
    output:
        "<results>/theory/{decomposition}.terms.csv",
    log:
        "<logs>/predict_terms/{decomposition}.log",
    benchmark:
        "<benchmarks>/predict_terms/{decomposition}.tsv"
    conda:
        "../envs/python.yaml"
    params:
        block=lambda wildcards: dag.decomposition(wildcards.decomposition, replicates=False),
    script:
        "../scripts/predict_terms.py"


rule simulate_terms:
    input:
        modules=tracked_modules("simulate_terms"),
    output:
        "<results>/training/{decomposition}.terms.npz",
    log:
        "<logs>/simulate_terms/{decomposition}.log",
    benchmark:
        "<benchmarks>/simulate_terms/{decomposition}.tsv"
    conda:
        "../envs/python.yaml"
    params:
        block=lambda wildcards: dag.decomposition(wildcards.decomposition),
        seed=lambda wildcards: dag.seed(wildcards.decomposition),
    script:
        "../scripts/simulate_terms.py"


rule predict_fake_labels:
    input:
        modules=tracked_modules("predict_fake_labels"),
    output:
        "<results>/theory/fake_labels_{panel}.csv",
    log:
        "<logs>/predict_fake_labels/{panel}.log",
    benchmark:
        "<benchmarks>/predict_fake_labels/{panel}.tsv"
    conda:
        "../envs/python.yaml"
    params:
        block=config["fake_labels"],
    script:
        "../scripts/predict_fake_labels.py"


rule simulate_fake_labels:
    input:
        modules=tracked_modules("simulate_fake_labels"),
    output:
        "<results>/training/fake_labels_{panel}.csv",
    log:
        "<logs>/simulate_fake_labels/{panel}.log",
    benchmark:
        "<benchmarks>/simulate_fake_labels/{panel}.tsv"
    conda:
        "../envs/python.yaml"
    params:
        block=config["fake_labels"],
        seed=dag.seed("fake_labels"),
    script:
        "../scripts/simulate_fake_labels.py"


rule tabulate_exponents:
    input:
        theory=expand("<results>/theory/exponents_{table}.csv", table=SCALING_TABLES[:2]),
        simulated=expand("<results>/training/exponents_{table}.csv", table=SCALING_TABLES),
        modules=tracked_modules("tabulate_exponents"),
    output:
        clean=report("<results>/tables/scaling_clean.csv", category="Tables"),
        collapsed=report("<results>/tables/scaling_collapsed.csv", category="Tables"),
        crossover=report("<results>/tables/scaling_crossover.csv", category="Tables"),
        clean_tex="<results>/tables/scaling_clean.tex",
        noiseless_tex="<results>/tables/scaling_noiseless.tex",
        noisy_tex="<results>/tables/scaling_noisy.tex",
        crossover_tex="<results>/tables/scaling_crossover.tex",
    log:
        "<logs>/tabulate_exponents.log",
    benchmark:
        "<benchmarks>/tabulate_exponents.tsv"
    conda:
        "../envs/python.yaml"
    params:
        scaling=dag.config["scaling"],
    script:
        "../scripts/tabulate_exponents.py"


rule tabulate_generations:
    input:
        theory=dag.terms("<results>/theory/{}.terms.csv", *GENERATION_TABLES),
        simulated=dag.terms("<results>/training/{}.terms.npz", *GENERATION_TABLES),
        modules=tracked_modules("tabulate_generations"),
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
        "../scripts/tabulate_generations.py"


rule plot_crossover:
    input:
        theory=expand("<results>/theory/exponents_{table}.csv", table=SCALING_TABLES[2:]),
        simulated=expand("<results>/training/exponents_{table}.csv", table=SCALING_TABLES[2:]),
        style="workflow/style.mplstyle",
        modules=tracked_modules("plot_crossover"),
    output:
        pdf="<results>/figures/crossover.pdf",
        svg=report("<results>/figures/crossover.svg", category="Figures"),
    log:
        "<logs>/plot_crossover.log",
    benchmark:
        "<benchmarks>/plot_crossover.tsv"
    conda:
        "../envs/python.yaml"
    params:
        crossover=dag.config["scaling"]["crossover"],
    script:
        "../scripts/plot_crossover.py"


rule plot_decomposition:
    input:
        theory=dag.terms("<results>/theory/{}.terms.csv", "decomposition"),
        simulated=dag.terms("<results>/training/{}.terms.npz", "decomposition"),
        style="workflow/style.mplstyle",
        modules=tracked_modules("plot_decomposition"),
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
        "../scripts/plot_decomposition.py"


rule plot_fake_labels:
    input:
        theory=expand("<results>/theory/fake_labels_{panel}.csv", panel=FAKE_PANELS),
        simulated=expand("<results>/training/fake_labels_{panel}.csv", panel=FAKE_PANELS),
        style="workflow/style.mplstyle",
        modules=tracked_modules("plot_fake_labels"),
    output:
        pdf="<results>/figures/fake_labels.pdf",
        svg=report("<results>/figures/fake_labels.svg", category="Figures"),
    log:
        "<logs>/plot_fake_labels.log",
    benchmark:
        "<benchmarks>/plot_fake_labels.tsv"
    conda:
        "../envs/python.yaml"
    params:
        block=dag.config["fake_labels"],
    script:
        "../scripts/plot_fake_labels.py"
