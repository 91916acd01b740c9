# Fake labels against true ones: theory over a grid, a few simulated cells, the figure.


rule predict_fake_labels:
    input:
        sources=tracked_sources("fake_labels/predict_fake_labels"),
    output:
        "<results>/theory/fake_labels_{panel}.csv",
    log:
        "<logs>/predict_fake_labels/{panel}.log",
    benchmark:
        "<benchmarks>/predict_fake_labels/{panel}.tsv"
    conda:
        "../envs/python.yaml"
    params:
        panel="{panel}",
        block=config["fake_labels"],
    script:
        "../scripts/fake_labels/predict_fake_labels.py"


rule simulate_fake_labels:
    input:
        sources=tracked_sources("fake_labels/simulate_fake_labels"),
    output:
        "<results>/training/fake_labels_{panel}.csv",
    log:
        "<logs>/simulate_fake_labels/{panel}.log",
    benchmark:
        "<benchmarks>/simulate_fake_labels/{panel}.tsv"
    conda:
        "../envs/python.yaml"
    params:
        panel="{panel}",
        block=config["fake_labels"],
        seed=dag.seed("fake_labels"),
    script:
        "../scripts/fake_labels/simulate_fake_labels.py"


rule plot_fake_labels:
    input:
        theory=expand("<results>/theory/fake_labels_{panel}.csv", panel=FAKE_PANELS),
        simulated=expand("<results>/training/fake_labels_{panel}.csv", panel=FAKE_PANELS),
        style="workflow/style.mplstyle",
        sources=tracked_sources("fake_labels/plot_fake_labels"),
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
        "../scripts/fake_labels/plot_fake_labels.py"
