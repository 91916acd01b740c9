# Remedies: what to do about collapse, compared at equal budgets, in theory and simulation.

from scripts.remedies.settings import Compared, Limits, Map, Price, Setting, Simulated

REGIMES = list(settings.remedies.regimes)


rule predict_remedies:
    """Predict the error of every remedy at its best ridge, on one problem."""
    output:
        "<results>/theory/remedies_{regime}.csv",
    params:
        block=cut(settings.remedies, Compared),
    script:
        "../scripts/remedies/predict_remedies.py"


rule simulate_remedies:
    """Simulate every remedy at theory's best ridge, on one problem."""
    input:
        "<results>/theory/remedies_{regime}.csv",
    output:
        "<results>/training/remedies_{regime}.csv",
    params:
        block=cut(settings.remedies, Simulated),
        seed=plan.seed("remedies"),
    script:
        "../scripts/remedies/simulate_remedies.py"


rule plot_remedies:
    """Draw the error of every remedy against the generation, at equal budgets."""
    input:
        theory=expand("<results>/theory/remedies_{regime}.csv", regime=REGIMES),
        simulated=expand("<results>/training/remedies_{regime}.csv", regime=REGIMES),
        style=source("workflow/style.mplstyle"),
    output:
        **drawn("remedies"),
    params:
        titles={name: block.title for name, block in settings.remedies.regimes.items()},
    script:
        "../scripts/remedies/plot_remedies.py"


rule tabulate_limits:
    """Tabulate limits of protocols: formula, value, the recursion and the simulation."""
    output:
        **tables("remedies_limits"),
    params:
        block=cut(settings.remedies.limits, Limits),
        seed=plan.seed("remedies_limits"),
    script:
        "../scripts/remedies/tabulate_limits.py"


rule tabulate_price:
    """Tabulate how many real rows buy back a generation."""
    output:
        **tables("remedies_price"),
    params:
        block=cut(settings.remedies.price, Price),
        regimes={name: cut(block, Setting) for name, block in settings.remedies.regimes.items()},
        seed=plan.seed("remedies_price"),
    script:
        "../scripts/remedies/tabulate_price.py"


rule map_remedies:
    """Find the best remedy over noise and T0, and over noise and the share of real rows."""
    output:
        "<results>/tables/remedies_map.csv",
    params:
        block=cut(settings.remedies.map, Map),
        seed=plan.seed("remedies_map"),
    script:
        "../scripts/remedies/map_remedies.py"


rule plot_remedies_map:
    """Draw which remedy is best, and by what factor, over two maps."""
    input:
        cells="<results>/tables/remedies_map.csv",
        style=source("workflow/style.mplstyle"),
    output:
        **drawn("remedies_map"),
    script:
        "../scripts/remedies/plot_remedies_map.py"
