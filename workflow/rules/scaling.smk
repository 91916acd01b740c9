# Scaling laws: exponents from theory and simulation, their tables and the crossover map.


rule measure_exponents:
    input:
        sources=tracked_sources("scaling/measure_exponents"),
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
        table="{table}",
        scaling=lambda wildcards: dag.scaling_block(wildcards.table),
    script:
        "../scripts/scaling/measure_exponents.py"


rule simulate_exponents:
    input:
        sources=tracked_sources("scaling/simulate_exponents"),
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
        table="{table}",
        scaling=lambda wildcards: dag.scaling_block(wildcards.table),
        seed=lambda wildcards: dag.seed(wildcards.table),
    script:
        "../scripts/scaling/simulate_exponents.py"


rule tabulate_exponents:
    input:
        theory=expand("<results>/theory/exponents_{table}.csv", table=SCALING_TABLES[:2]),
        simulated=expand("<results>/training/exponents_{table}.csv", table=SCALING_TABLES),
        sources=tracked_sources("scaling/tabulate_exponents"),
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
        "../scripts/scaling/tabulate_exponents.py"


rule plot_crossover:
    input:
        theory=expand("<results>/theory/exponents_{table}.csv", table=SCALING_TABLES[2:]),
        simulated=expand("<results>/training/exponents_{table}.csv", table=SCALING_TABLES[2:]),
        style="workflow/style.mplstyle",
        sources=tracked_sources("scaling/plot_crossover"),
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
        "../scripts/scaling/plot_crossover.py"
