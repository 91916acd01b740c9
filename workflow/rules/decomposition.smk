# Chains generation by generation: bias, variance and collapse, their tables and figure.

from scripts.schema.spectra import Generators
from scripts.decomposition.settings import Decomposition, Followed, Rows

DECOMPOSED = sorted(settings.decompositions)
TABULATED = settings.generation_tables.names
DRAWN = settings.generation_tables.decomposition


wildcard_constraints:
    decomposition=one_of(DECOMPOSED),


rule predict_terms:
    """Predict bias, variance and collapse of all chains by the recursion."""
    output:
        expand("<results>/theory/{decomposition}.terms.csv", decomposition=DECOMPOSED),
    log:
        "<logs>/predict_terms.log",
    benchmark:
        "<benchmarks>/predict_terms.tsv"
    params:
        blocks={name: keys_of(settings.decompositions[name], Followed) for name in DECOMPOSED},
        code=code_of("decomposition/predict_terms"),
    script:
        "../scripts/decomposition/predict_terms.py"


rule simulate_terms:
    """Simulate bias, variance and collapse of one chain."""
    output:
        "<results>/training/{decomposition}.terms.npz",
    log:
        "<logs>/simulate_terms/{decomposition}.log",
    benchmark:
        "<benchmarks>/simulate_terms/{decomposition}.tsv"
    params:
        block=lambda w: keys_of(settings.decompositions[w.decomposition], Decomposition),
        seed=lambda w: seed_of(w.decomposition),
        code=code_of("decomposition/simulate_terms"),
    script:
        "../scripts/decomposition/simulate_terms.py"


rule tabulate_generations:
    """Tabulate growth in n, projections, growing data and break-even."""
    input:
        theory=expand("<results>/theory/{decomposition}.terms.csv", decomposition=TABULATED),
        simulated=expand("<results>/training/{decomposition}.terms.npz", decomposition=TABULATED),
    output:
        **tables("slopes", "projections", "growing"),
    log:
        "<logs>/tabulate_generations.log",
    benchmark:
        "<benchmarks>/tabulate_generations.tsv"
    localrule: True
    params:
        blocks={name: keys_of(settings.decompositions[name], Followed) for name in TABULATED},
        shown=keys_of(settings.generation_tables, Rows),
        code=code_of("decomposition/tabulate_generations"),
    script:
        "../scripts/decomposition/tabulate_generations.py"


rule plot_decomposition:
    """Draw bias, variance and collapse against the generation, theory over simulation."""
    input:
        theory=expand("<results>/theory/{decomposition}.terms.csv", decomposition=DRAWN),
        simulated=expand("<results>/training/{decomposition}.terms.npz", decomposition=DRAWN),
        style=source("workflow/style.mplstyle"),
    output:
        **drawn("decomposition"),
    log:
        "<logs>/plot_decomposition.log",
    benchmark:
        "<benchmarks>/plot_decomposition.tsv"
    localrule: True
    params:
        blocks={name: keys_of(settings.decompositions[name], Generators) for name in DRAWN},
        code=code_of("decomposition/plot_decomposition"),
    script:
        "../scripts/decomposition/plot_decomposition.py"
