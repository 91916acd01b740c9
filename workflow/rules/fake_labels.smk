# Fake labels against true ones: theory over a grid, a few simulated cells, the figure.

from scripts.fake_labels.settings import PANELS, Comparison, FakeLabels


wildcard_constraints:
    panel=one_of(PANELS),


rule predict_fake_labels:
    """Predict errors on true and on fake labels over one panel's grid."""
    output:
        "<results>/theory/fake_labels_{panel}.csv",
    log:
        "<logs>/predict_fake_labels/{panel}.log",
    benchmark:
        "<benchmarks>/predict_fake_labels/{panel}.tsv"
    params:
        block=keys_of(settings.fake_labels, Comparison),
        code=code_of("fake_labels/predict_fake_labels"),
    script:
        "../scripts/fake_labels/predict_fake_labels.py"


rule simulate_fake_labels:
    """Simulate errors on true and on fake labels in a few cells of one panel."""
    output:
        "<results>/training/fake_labels_{panel}.csv",
    log:
        "<logs>/simulate_fake_labels/{panel}.log",
    benchmark:
        "<benchmarks>/simulate_fake_labels/{panel}.tsv"
    params:
        block=keys_of(settings.fake_labels, FakeLabels),
        seed=seed_of("fake_labels"),
        code=code_of("fake_labels/simulate_fake_labels"),
    script:
        "../scripts/fake_labels/simulate_fake_labels.py"


rule plot_fake_labels:
    """Draw the error on fake labels over that on true ones, at a fixed and at the best ridge."""
    input:
        theory=expand("<results>/theory/fake_labels_{panel}.csv", panel=PANELS),
        simulated=expand("<results>/training/fake_labels_{panel}.csv", panel=PANELS),
        style=source("workflow/style.mplstyle"),
    output:
        **drawn("fake_labels"),
    log:
        "<logs>/plot_fake_labels.log",
    benchmark:
        "<benchmarks>/plot_fake_labels.tsv"
    localrule: True
    params:
        block=keys_of(settings.fake_labels, Comparison),
        code=code_of("fake_labels/plot_fake_labels"),
    script:
        "../scripts/fake_labels/plot_fake_labels.py"
