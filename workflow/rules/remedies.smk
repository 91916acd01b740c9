# Remedies: what to do about collapse, compared at equal budgets, in theory and simulation.

from scripts.core.kernels import KernelProblem
from scripts.remedies.settings import Compared, Limits, Map, OnImages, Price, Setting, Simulated

REGIMES, LEARNERS = list(settings.remedies.regimes), settings.remedies.images.learners


rule predict_remedies:
    """Predict the error of every remedy at its best ridge, on one problem."""
    output:
        "<results>/theory/remedies_{regime}.csv",
    params:
        block=lambda w: cut(settings.remedies, Compared, regimes=w.regime),
    script:
        "../scripts/remedies/predict_remedies.py"


rule simulate_remedies:
    """Simulate every remedy at theory's best ridge, on one problem."""
    input:
        "<results>/theory/remedies_{regime}.csv",
    output:
        "<results>/training/remedies_{regime}.csv",
    params:
        block=lambda w: cut(settings.remedies, Simulated, regimes=w.regime),
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


use rule estimate_kernel_spectrum as estimate_learner_spectrum with:
    output:
        "<results>/data/remedies_{learner}.problem.npz",
    params:
        block=lambda w: cut(LEARNERS[w.learner], KernelProblem),


rule predict_remedies_on_images:
    """Predict the error of remedies on images, on the estimated spectrum."""
    input:
        problem="<results>/data/remedies_{learner}.problem.npz",
        source=IMAGES["source"],
    output:
        "<results>/theory/remedies_{learner}.csv",
    params:
        block=lambda w: cut(settings.remedies.images, OnImages, learners=w.learner),
    script:
        "../scripts/remedies/predict_remedies_on_images.py"


rule simulate_remedies_on_images:
    """Simulate remedies on images at theory's best ridge."""
    input:
        **IMAGES,
        problem="<results>/data/remedies_{learner}.problem.npz",
        theory="<results>/theory/remedies_{learner}.csv",
    output:
        "<results>/training/remedies_{learner}.csv",
    params:
        block=lambda w: cut(settings.remedies.images, OnImages, learners=w.learner),
        replicates=settings.remedies.images.replicates,
        seed=plan.seed("remedies_images"),
    script:
        "../scripts/remedies/simulate_remedies_on_images.py"


rule plot_remedies_on_images:
    """Draw the error of remedies on images against the generation."""
    input:
        theory=expand("<results>/theory/remedies_{learner}.csv", learner=LEARNERS),
        simulated=expand("<results>/training/remedies_{learner}.csv", learner=LEARNERS),
        style=source("workflow/style.mplstyle"),
    output:
        **drawn("remedies_on_images"),
    params:
        titles={name: block.title for name, block in LEARNERS.items()},
    script:
        "../scripts/remedies/plot_remedies_on_images.py"
