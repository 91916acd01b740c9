# Paper: latexmk, out of tree, failing on undefined references; what the build cost.


rule write_paper:
    input:
        main="paper/main.tex",
        bibliography="paper/references.bib",
        figures=expand(
            "<results>/figures/{name}.pdf", name=["fig3", *PAPER_FIGURES, *NETWORK_FIGURES, *MAPS]
        ),
        tables=expand(
            "<results>/tables/{name}.tex",
            name=[*PAPER_TEX, "claims", "errata", "numbers", "scaling_noiseless", "scaling_noisy"],
        ),
        sources=tracked_sources("paper/write_paper"),
    output:
        "<results>/paper.pdf",
    log:
        "<logs>/write_paper.log",
    benchmark:
        "<benchmarks>/write_paper.tsv"
    conda:
        "../envs/python.yaml"
    script:
        "../scripts/paper/write_paper.py"


# Times differ from run to run, so this is not among the results; jobs that came out of
# Snakemake's cache have none.
rule summarise_compute:
    input:
        paper="<results>/paper.pdf",
        sources=tracked_sources("paper/summarise_compute"),
    output:
        "<benchmarks>/compute.csv",
    log:
        "<logs>/summarise_compute.log",
    conda:
        "../envs/python.yaml"
    params:
        jobs=dag.measured_jobs,
    script:
        "../scripts/paper/summarise_compute.py"
