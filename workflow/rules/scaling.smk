# Scaling laws: exponents from theory and simulation, their tables and the crossover figure.

from scripts.scaling.settings import EXPONENT_MAPS, EXPONENT_TABLES, PRINTED_EXPONENTS


wildcard_constraints:
    table=one_of(EXPONENT_TABLES),


rule measure_exponents:
    """Fit exponents to the recursion, for every cell of one table or map."""
    output:
        "<results>/theory/exponents_{table}.csv",
    log:
        "<logs>/measure_exponents/{table}.log",
    benchmark:
        "<benchmarks>/measure_exponents/{table}.tsv"
    params:
        cells=lambda w: settings.scaling.plain_cells(w.table),
        fits=lambda w: settings.scaling.fits(w.table),
        code=code_of("scaling/measure_exponents"),
    script:
        "../scripts/scaling/measure_exponents.py"


rule simulate_exponents:
    """Fit exponents to simulations, for the simulated cells of one table or map."""
    output:
        "<results>/training/exponents_{table}.csv",
    log:
        "<logs>/simulate_exponents/{table}.log",
    benchmark:
        "<benchmarks>/simulate_exponents/{table}.tsv"
    priority: 5
    params:
        cells=lambda w: settings.scaling.plain_cells(w.table, simulated=True),
        simulated=lambda w: settings.scaling.simulated(w.table),
        seed=lambda w: seed_of(w.table),
        code=code_of("scaling/simulate_exponents"),
    script:
        "../scripts/scaling/simulate_exponents.py"


rule tabulate_exponents:
    """Tabulate exponents as printed, as corrected, from theory and from simulation."""
    input:
        theory=expand("<results>/theory/exponents_{table}.csv", table=PRINTED_EXPONENTS),
        simulated=expand("<results>/training/exponents_{table}.csv", table=EXPONENT_TABLES),
    output:
        **tables("scaling_clean", "scaling_crossover"),
        collapsed=table("<results>/tables/scaling_collapsed.csv"),
        noiseless_tex="<results>/tables/scaling_noiseless.tex",
        noisy_tex="<results>/tables/scaling_noisy.tex",
    log:
        "<logs>/tabulate_exponents.log",
    benchmark:
        "<benchmarks>/tabulate_exponents.tsv"
    localrule: True
    params:
        cells=settings.scaling.plain_cells(*EXPONENT_MAPS, simulated=True),
        fits=settings.scaling.fits("over_a"),
        code=code_of("scaling/tabulate_exponents"),
    script:
        "../scripts/scaling/tabulate_exponents.py"


rule plot_crossover:
    """Draw the exponent over (a, ell) and over (b, ell)."""
    input:
        theory=expand("<results>/theory/exponents_{table}.csv", table=EXPONENT_MAPS),
        simulated=expand("<results>/training/exponents_{table}.csv", table=EXPONENT_MAPS),
        style=source("workflow/style.mplstyle"),
    output:
        **drawn("crossover"),
    log:
        "<logs>/plot_crossover.log",
    benchmark:
        "<benchmarks>/plot_crossover.tsv"
    localrule: True
    params:
        held=settings.scaling.crossover.held,
        code=code_of("scaling/plot_crossover"),
    script:
        "../scripts/scaling/plot_crossover.py"
