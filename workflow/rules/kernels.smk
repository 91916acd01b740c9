# Kernel ridge chains on images: grids, spectra, chains of fits, theory, tables.


rule lay_kernel_grid:
    input:
        source="<results>/data/images.json",
        sources=tracked_sources("kernels/lay_kernel_grid"),
    output:
        simulated="<results>/data/{experiment}.simulated.csv",
    log:
        "<logs>/lay_kernel_grid/{experiment}.log",
    benchmark:
        "<benchmarks>/lay_kernel_grid/{experiment}.tsv"
    wildcard_constraints:
        experiment="|".join(dag.kernel) or "(?!)",
    priority: 10
    conda:
        "../envs/python.yaml"
    params:
        experiment="{experiment}",
        block=lambda wildcards: dag.without_replicates(wildcards.experiment),
    script:
        "../scripts/kernels/lay_kernel_grid.py"


rule estimate_kernel_spectrum:
    input:
        images="<results>/data/images.npz",
        source="<results>/data/images.json",
        sources=tracked_sources("kernels/estimate_kernel_spectrum"),
    output:
        "<results>/data/{experiment}.problem.npz",
    log:
        "<logs>/estimate_kernel_spectrum/{experiment}.log",
    benchmark:
        "<benchmarks>/estimate_kernel_spectrum/{experiment}.tsv"
    wildcard_constraints:
        experiment="|".join(dag.kernel) or "(?!)",
    conda:
        "../envs/python.yaml"
    params:
        block=lambda wildcards: dag.part(wildcards.experiment, "kernel", "pixels")
        | dag.kernel_sizes_of(wildcards.experiment, "spectrum_images"),
    script:
        "../scripts/kernels/estimate_kernel_spectrum.py"


rule train_kernel_generators:
    input:
        images="<results>/data/images.npz",
        source="<results>/data/images.json",
        sources=tracked_sources("kernels/train_kernel_generators"),
    output:
        "<results>/training/{experiment}/generators-{first}-{last}.npz",
    log:
        "<logs>/train_kernel_generators/{experiment}-{first}-{last}.log",
    benchmark:
        "<benchmarks>/train_kernel_generators/{experiment}-{first}-{last}.tsv"
    wildcard_constraints:
        experiment="|".join(dag.kernel) or "(?!)",
    conda:
        "../envs/python.yaml"
    params:
        experiment="{experiment}",
        first="{first}",
        last="{last}",
        block=lambda wildcards: dag.kernel_generator_block(wildcards.experiment),
        seed=lambda wildcards: dag.seed(wildcards.experiment),
    script:
        "../scripts/kernels/train_kernel_generators.py"


rule fit_kernel_downstream:
    input:
        images="<results>/data/images.npz",
        source="<results>/data/images.json",
        simulated="<results>/data/{experiment}.simulated.csv",
        generators="<results>/training/{experiment}/generators-{first}-{last}.npz",
        sources=tracked_sources("kernels/fit_kernel_downstream"),
    output:
        "<results>/training/{experiment}/risks-{first}-{last}.npz",
    log:
        "<logs>/fit_kernel_downstream/{experiment}-{first}-{last}.log",
    benchmark:
        "<benchmarks>/fit_kernel_downstream/{experiment}-{first}-{last}.tsv"
    wildcard_constraints:
        experiment="|".join(dag.kernel) or "(?!)",
    conda:
        "../envs/python.yaml"
    params:
        first="{first}",
        block=lambda wildcards: dag.part(wildcards.experiment, "kernel", "pixels", "noise")
        | dag.kernel_sizes_of(wildcards.experiment, "spectrum_images"),
        seed=lambda wildcards: dag.seed(wildcards.experiment),
    script:
        "../scripts/kernels/fit_kernel_downstream.py"


rule predict_kernel_risk:
    input:
        problem="<results>/data/{experiment}.problem.npz",
        source="<results>/data/images.json",
        simulated="<results>/data/{experiment}.simulated.csv",
        sources=tracked_sources("kernels/predict_kernel_risk"),
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
        experiment="{experiment}",
        block=lambda wildcards: dag.kernel_generator_block(wildcards.experiment)
        | dag.part(wildcards.experiment, "noise"),
    script:
        "../scripts/kernels/predict_kernel_risk.py"


rule tabulate_kernels:
    input:
        problems=expand("<results>/data/{name}.problem.npz", name=KERNEL),
        simulated=expand("<results>/training/{name}.csv", name=KERNEL),
        replicates=expand("<results>/training/{name}.replicates.npz", name=KERNEL),
        theory=expand("<results>/theory/{name}.csv", name=KERNEL),
        images="<results>/data/images.json",
        sources=tracked_sources("kernels/tabulate_kernels"),
    output:
        exponents=report("<results>/tables/kernel_exponents.csv", category="Tables"),
        growth=report("<results>/tables/kernel_growth.csv", category="Tables"),
        universality=report("<results>/tables/universality.csv", category="Tables"),
        ridge_rules=report("<results>/tables/ridge_rules.csv", category="Tables"),
        exponents_tex="<results>/tables/kernel_exponents.tex",
        growth_tex="<results>/tables/kernel_growth.tex",
        universality_tex="<results>/tables/universality.tex",
        ridge_rules_tex="<results>/tables/ridge_rules.tex",
    log:
        "<logs>/tabulate_kernels.log",
    benchmark:
        "<benchmarks>/tabulate_kernels.tsv"
    conda:
        "../envs/python.yaml"
    params:
        blocks={name: dag.blocks[name] for name in KERNEL if name in dag.blocks},
        windows=dag.config["exponent_windows"],
    script:
        "../scripts/kernels/tabulate_kernels.py"
