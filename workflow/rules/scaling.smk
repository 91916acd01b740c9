# Scaling laws: exponents from theory and simulation, their tables and the crossover figure.

MAPPED = EXPONENTS[2:]


def cells(*tables, simulated=False):
    """Cells as tuples: a job is given values alone, as its classes are not Snakemake's to import."""
    return [tuple(cell) for cell in settings.scaling.cells(*tables, simulated=simulated)]


rule measure_exponents:
    """Fit exponents to the recursion, for every cell of one table or map."""
    output:
        "<results>/theory/exponents_{table}.csv",
    params:
        cells=lambda w: cells(w.table),
        fits=lambda w: settings.scaling.fits(w.table),
    script:
        "../scripts/scaling/measure_exponents.py"


rule simulate_exponents:
    """Fit exponents to simulations, for the simulated cells of one table or map."""
    output:
        "<results>/training/exponents_{table}.csv",
    priority: 5
    params:
        cells=lambda w: cells(w.table, simulated=True),
        simulated=lambda w: settings.scaling.simulated(w.table),
        seed=lambda w: plan.seed(w.table),
    script:
        "../scripts/scaling/simulate_exponents.py"


rule tabulate_exponents:
    """Tabulate exponents as printed, as corrected, from theory and from simulation."""
    input:
        theory=expand("<results>/theory/exponents_{table}.csv", table=EXPONENTS[:2]),
        simulated=expand("<results>/training/exponents_{table}.csv", table=EXPONENTS),
    output:
        **tables("scaling_clean", "scaling_crossover"),
        collapsed=table("<results>/tables/scaling_collapsed.csv"),
        noiseless_tex="<results>/tables/scaling_noiseless.tex",
        noisy_tex="<results>/tables/scaling_noisy.tex",
    params:
        cells=cells(*MAPPED, simulated=True),
        fits=settings.scaling.fits("over_a"),
    script:
        "../scripts/scaling/tabulate_exponents.py"


rule plot_crossover:
    """Draw the exponent over (a, ell) and over (b, ell)."""
    input:
        theory=expand("<results>/theory/exponents_{table}.csv", table=MAPPED),
        simulated=expand("<results>/training/exponents_{table}.csv", table=MAPPED),
        style=source("workflow/style.mplstyle"),
    output:
        **drawn("crossover"),
    params:
        held=settings.scaling.crossover.held,
    script:
        "../scripts/scaling/plot_crossover.py"
