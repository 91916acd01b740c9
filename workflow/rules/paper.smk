# Paper: latexmk, out of tree, failing on undefined references; and what the build cost.


rule write_paper:
    input:
        main="paper/main.tex",
        bibliography="paper/references.bib",
        figures=expand("<results>/figures/{name}.pdf", name=["fig3", *PAPER_FIGURES]),
        tables=expand(
            "<results>/tables/{name}.tex",
            name=["agreement", "experiments", "numbers", "provenance"],
        ),
    output:
        "<results>/paper.pdf",
    log:
        latexmk="<logs>/write_paper.log",
        tex="<logs>/write_paper.tex.log",
    benchmark:
        "<benchmarks>/write_paper.tsv"
    conda:
        "../envs/python.yaml"
    params:
        folders=lambda wildcards, input: ":".join(
            dict.fromkeys(str(Path(file).parent) for file in [*input.figures, *input.tables])
        ),
        build=lambda wildcards, output: str(Path(output[0]).parent / "paper"),
    shell:
        "rm -rf {params.build} && mkdir -p {params.build} && "
        "(TEXINPUTS=paper:{params.folders}: BIBINPUTS=paper: latexmk -pdf -Werror"
        " -interaction=nonstopmode -halt-on-error -outdir={params.build} {input.main}"
        " > {log.latexmk} 2>&1"
        " || (tail -n 40 {log.latexmk} >&2; cp {params.build}/main.log {log.tex}; exit 1))"
        " && mv {params.build}/main.log {log.tex} && mv {params.build}/main.pdf {output}"
        " && rm -r {params.build}"


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
