# Figures: one rule for all that the config lists, and the diagram of the framework.


rule figures:
    input:
        dag.figure_files,


rule draw_framework:
    input:
        diagram="paper/framework.tex",
        sources=tracked_sources("paper/draw_framework"),
    output:
        pdf="<results>/figures/fig3.pdf",
        svg=report("<results>/figures/fig3.svg", category="Figures", labels={"figure": "fig3"}),
    log:
        "<logs>/draw_framework.log",
    benchmark:
        "<benchmarks>/draw_framework.tsv"
    conda:
        "../envs/python.yaml"
    script:
        "../scripts/paper/draw_framework.py"
