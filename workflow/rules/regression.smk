# Gaussian regression: grids, chains and downstream fits, theory, tables.

from scripts.schema.spectra import Generators
from scripts.regression.settings import Curves, Experiment, Sweep

REGRESSION = sorted(settings.experiments)


wildcard_constraints:
    experiment=one_of(REGRESSION),


rule lay_grid:
    """Lay the grid of points to simulate."""
    output:
        "<results>/data/{experiment}.points.csv",
    log:
        "<logs>/lay_grid/{experiment}.log",
    benchmark:
        "<benchmarks>/lay_grid/{experiment}.tsv"
    localrule: True
    params:
        block=lambda w: keys_of(settings.experiments[w.experiment], Sweep),
        code=code_of("regression/lay_grid"),
    script:
        "../scripts/regression/lay_grid.py"


rule train_generators:
    """Train the generators of a block of replicates."""
    output:
        "<results>/training/{experiment}/generators-{first}-{last}.npz",
    log:
        "<logs>/train_generators/{experiment}-{first}-{last}.log",
    benchmark:
        "<benchmarks>/train_generators/{experiment}-{first}-{last}.tsv"
    params:
        block=lambda w: keys_of(settings.experiments[w.experiment], Generators),
        generations=lambda w: max(settings.experiments[w.experiment].generations),
        seed=lambda w: seed_of(w.experiment),
        code=code_of("regression/train_generators"),
    script:
        "../scripts/regression/train_generators.py"


rule fit_downstream:
    """Fit all points to the labels of a block of replicates, and test the fits."""
    input:
        points="<results>/data/{experiment}.points.csv",
        generators="<results>/training/{experiment}/generators-{first}-{last}.npz",
    output:
        "<results>/training/{experiment}/risks-{first}-{last}.npz",
    log:
        "<logs>/fit_downstream/{experiment}-{first}-{last}.log",
    benchmark:
        "<benchmarks>/fit_downstream/{experiment}-{first}-{last}.tsv"
    params:
        block=lambda w: keys_of(settings.experiments[w.experiment], Generators),
        noise=lambda w: settings.experiments[w.experiment].noise,
        seed=lambda w: seed_of(w.experiment),
        code=code_of("regression/fit_downstream"),
    script:
        "../scripts/regression/fit_downstream.py"


rule predict_risk:
    """Predict test errors by the recursion, at the simulated points and between them."""
    output:
        "<results>/theory/{experiment}.csv",
    log:
        "<logs>/predict_risk/{experiment}.log",
    benchmark:
        "<benchmarks>/predict_risk/{experiment}.tsv"
    params:
        block=lambda w: keys_of(settings.experiments[w.experiment], Curves),
        refinement=settings.theory_refinement,
        code=code_of("regression/predict_risk"),
    script:
        "../scripts/regression/predict_risk.py"


rule compare_with_theory:
    """Compare simulated means with theory, in standard errors."""
    input:
        simulated=expand("<results>/training/{name}.csv", name=REGRESSION),
        replicates=expand("<results>/training/{name}.replicates.npz", name=REGRESSION),
        theory=expand("<results>/theory/{name}.csv", name=REGRESSION),
    output:
        **tables("agreement"),
        points="<results>/tables/agreement_points.csv",
        strays="<results>/tables/agreement_strays.csv",
    log:
        "<logs>/compare_with_theory.log",
    benchmark:
        "<benchmarks>/compare_with_theory.tsv"
    localrule: True
    params:
        code=code_of("regression/compare_with_theory"),
    script:
        "../scripts/regression/compare_with_theory.py"


rule tabulate_experiments:
    """Tabulate the parameters of all Gaussian experiments."""
    output:
        "<results>/tables/experiments.tex",
    log:
        "<logs>/tabulate_experiments.log",
    benchmark:
        "<benchmarks>/tabulate_experiments.tsv"
    localrule: True
    params:
        blocks={name: keys_of(settings.experiments[name], Experiment) for name in REGRESSION},
        code=code_of("regression/tabulate_experiments"),
    script:
        "../scripts/regression/tabulate_experiments.py"
