# Paper: latexmk, out of tree, failing on undefined references; and what the build cost.


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
    output:
        "<results>/paper.pdf",
    log:
        latexmk="<logs>/write_paper.log",
        tex="<logs>/write_paper.tex.log",
    benchmark:
        "<benchmarks>/write_paper.tsv"
    shadow:
        "minimal"
    conda:
        "../envs/python.yaml"
    params:
        folders=lambda wildcards, input: ":".join(
            dict.fromkeys(str(Path(file).parent) for file in [*input.figures, *input.tables])
        ),
    shell:
        "(TEXINPUTS=paper:{params.folders:q}: BIBINPUTS=paper: latexmk -pdf -Werror"
        " -interaction=nonstopmode -halt-on-error -outdir=tex {input.main:q} > {log.latexmk:q} 2>&1"
        " || (tail -n 40 {log.latexmk:q} >&2; cp tex/main.log {log.tex:q}; exit 1))"
        " && mv tex/main.log {log.tex:q} && mv tex/main.pdf {output:q}"


rule summarise_compute:
    input:
        paper="<results>/paper.pdf",
        benchmarks=dag.benchmark_files,
        modules=tracked_modules("summarise_compute"),
    output:
        "<results>/compute.csv",
    log:
        "<logs>/summarise_compute.log",
    conda:
        "../envs/python.yaml"
    params:
        folder=workflow.pathvars.get("benchmarks"),
    script:
        "../scripts/summarise_compute.py"
