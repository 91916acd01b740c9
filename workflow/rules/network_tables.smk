# Networks: stability, tables and figures, the reference run beside this build, what such a run keeps.


rule measure_stability:
    input:
        images="<results>/data/images.npz",
        source="<results>/data/images.json",
        sources=tracked_sources("networks/measure_stability"),
    output:
        table=report("<results>/tables/stability.csv", category="Tables"),
        tex="<results>/tables/stability.tex",
    log:
        "<logs>/measure_stability.log",
    benchmark:
        "<benchmarks>/measure_stability.tsv"
    conda:
        "../envs/python.yaml"
    params:
        name=STABILITY,
        block=lambda wildcards: dag.stability_block,
        backend=dag.config["backend"],
        torch=dag.torch_version,
        seed=dag.seed(STABILITY),
    script:
        "../scripts/networks/measure_stability.py"


rule tabulate_networks:
    input:
        simulated=expand("<results>/training/{name}.csv", name=dag.network_blocks),
        replicates=expand("<results>/training/{name}.replicates.npz", name=dag.network_blocks),
        theory=expand("<results>/theory/{name}.csv", name=dag.random_features),
        images="<results>/data/images.json",
        reference="paper/reference/network_growth.csv",
        sources=tracked_sources("networks/tabulate_networks"),
    output:
        points=report("<results>/tables/networks.csv", category="Tables"),
        growth=report("<results>/tables/network_growth.csv", category="Tables"),
        agreement=report("<results>/tables/network_agreement.csv", category="Tables"),
        growth_tex="<results>/tables/network_growth.tex",
        agreement_tex="<results>/tables/network_agreement.tex",
        reference_tex="<results>/tables/reference_growth.tex",
    log:
        "<logs>/tabulate_networks.log",
    benchmark:
        "<benchmarks>/tabulate_networks.tsv"
    conda:
        "../envs/python.yaml"
    params:
        sizes={name: block["sizes"] for name, block in dag.network_blocks.items()},
    script:
        "../scripts/networks/tabulate_networks.py"


rule plot_networks:
    input:
        points="<results>/tables/networks.csv",
        reference="paper/reference/networks.csv",
        style="workflow/style.mplstyle",
        sources=tracked_sources("networks/plot_networks"),
    output:
        pdf="<results>/figures/{network_figure}.pdf",
        svg=report(
            "<results>/figures/{network_figure}.svg",
            category="Figures",
            labels={"figure": "{network_figure}"},
        ),
    log:
        "<logs>/plot_networks/{network_figure}.log",
    benchmark:
        "<benchmarks>/plot_networks/{network_figure}.tsv"
    wildcard_constraints:
        network_figure="|".join(config["network_figures"]) or "(?!)",
    conda:
        "../envs/python.yaml"
    params:
        panels=lambda wildcards: dag.config["network_figures"][wildcards.network_figure],
    script:
        "../scripts/networks/plot_networks.py"


# Of a large run: what paper/reference keeps of it, with where it came from and what it took.
rule keep_reference:
    input:
        points="<results>/tables/networks.csv",
        growth="<results>/tables/network_growth.csv",
        agreement="<results>/tables/network_agreement.csv",
        provenance="<results>/tables/provenance.json",
        benchmarks=expand("<benchmarks>/{job}.tsv", job=dag.network_benchmarks),
        sources=tracked_sources("networks/keep_reference"),
    output:
        points="<results>/reference/networks.csv",
        growth="<results>/reference/network_growth.csv",
        agreement="<results>/reference/network_agreement.csv",
        record="<results>/reference/provenance.json",
    log:
        "<logs>/keep_reference.log",
    benchmark:
        "<benchmarks>/keep_reference.tsv"
    conda:
        "../envs/python.yaml"
    params:
        backend=dag.config["backend"],
        blocks=dag.network_blocks,
    script:
        "../scripts/networks/keep_reference.py"
