# Remedies: what to do about collapse, compared at equal budgets, in theory and simulation.

from scripts.remedies.settings import Compared, Limits, Map, OnImages, Price, Setting, Simulated

REGIMES = list(settings.remedies.regimes)
LEARNERS = settings.remedies.images.learners


wildcard_constraints:
    regime=one_of(REGIMES),
    learner=one_of(LEARNERS),


rule predict_remedies:
    """Predict the error of every remedy at its best ridge, on one problem."""
    output:
        "<results>/theory/remedies_{regime}.csv",
    log:
        "<logs>/predict_remedies/{regime}.log",
    benchmark:
        "<benchmarks>/predict_remedies/{regime}.tsv"
    params:
        block=lambda w: keys_of(settings.remedies, Compared, regimes=w.regime),
        code=code_of("remedies/predict_remedies"),
    script:
        "../scripts/remedies/predict_remedies.py"


rule simulate_remedies:
    """Simulate every remedy at theory's best ridge, on one problem."""
    input:
        "<results>/theory/remedies_{regime}.csv",
    output:
        "<results>/training/remedies_{regime}.csv",
    log:
        "<logs>/simulate_remedies/{regime}.log",
    benchmark:
        "<benchmarks>/simulate_remedies/{regime}.tsv"
    params:
        block=lambda w: keys_of(settings.remedies, Simulated, regimes=w.regime),
        seed=seed_of("remedies"),
        code=code_of("remedies/simulate_remedies"),
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
    log:
        "<logs>/plot_remedies.log",
    benchmark:
        "<benchmarks>/plot_remedies.tsv"
    localrule: True
    params:
        titles={name: block.title for name, block in settings.remedies.regimes.items()},
        code=code_of("remedies/plot_remedies"),
    script:
        "../scripts/remedies/plot_remedies.py"


rule tabulate_limits:
    """Tabulate limits of protocols: formula, value, the recursion and the simulation."""
    output:
        **tables("remedies_limits"),
    log:
        "<logs>/tabulate_limits.log",
    benchmark:
        "<benchmarks>/tabulate_limits.tsv"
    params:
        block=keys_of(settings.remedies.limits, Limits),
        seed=seed_of("remedies_limits"),
        code=code_of("remedies/tabulate_limits"),
    script:
        "../scripts/remedies/tabulate_limits.py"


rule tabulate_price:
    """Tabulate how many real rows buy back a generation."""
    output:
        **tables("remedies_price"),
    log:
        "<logs>/tabulate_price.log",
    benchmark:
        "<benchmarks>/tabulate_price.tsv"
    params:
        block=keys_of(settings.remedies.price, Price),
        regimes={name: keys_of(block, Setting) for name, block in settings.remedies.regimes.items()},
        seed=seed_of("remedies_price"),
        code=code_of("remedies/tabulate_price"),
    script:
        "../scripts/remedies/tabulate_price.py"


rule map_remedies:
    """Find the best remedy over noise and T0, and over noise and the share of real rows."""
    output:
        "<results>/tables/remedies_map.csv",
    log:
        "<logs>/map_remedies.log",
    benchmark:
        "<benchmarks>/map_remedies.tsv"
    params:
        block=keys_of(settings.remedies.map, Map),
        seed=seed_of("remedies_map"),
        code=code_of("remedies/map_remedies"),
    script:
        "../scripts/remedies/map_remedies.py"


rule plot_remedies_map:
    """Draw which remedy is best, and by what factor, over two maps."""
    input:
        cells="<results>/tables/remedies_map.csv",
        style=source("workflow/style.mplstyle"),
    output:
        **drawn("remedies_map"),
    log:
        "<logs>/plot_remedies_map.log",
    benchmark:
        "<benchmarks>/plot_remedies_map.tsv"
    localrule: True
    params:
        code=code_of("remedies/plot_remedies_map"),
    script:
        "../scripts/remedies/plot_remedies_map.py"


rule predict_remedies_on_images:
    """Predict the error of remedies on images, on the estimated spectrum."""
    input:
        problem="<results>/data/remedies_{learner}.problem.npz",
        source=IMAGES["source"],
    output:
        "<results>/theory/remedies_{learner}.csv",
    log:
        "<logs>/predict_remedies_on_images/{learner}.log",
    benchmark:
        "<benchmarks>/predict_remedies_on_images/{learner}.tsv"
    params:
        block=lambda w: keys_of(settings.remedies.images, OnImages, learners=w.learner),
        code=code_of("remedies/predict_remedies_on_images"),
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
    log:
        "<logs>/simulate_remedies_on_images/{learner}.log",
    benchmark:
        "<benchmarks>/simulate_remedies_on_images/{learner}.tsv"
    params:
        block=lambda w: keys_of(settings.remedies.images, OnImages, learners=w.learner),
        replicates=settings.remedies.images.replicates,
        seed=seed_of("remedies_images"),
        code=code_of("remedies/simulate_remedies_on_images"),
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
    log:
        "<logs>/plot_remedies_on_images.log",
    benchmark:
        "<benchmarks>/plot_remedies_on_images.tsv"
    localrule: True
    params:
        titles={name: block.title for name, block in LEARNERS.items()},
        code=code_of("remedies/plot_remedies_on_images"),
    script:
        "../scripts/remedies/plot_remedies_on_images.py"
