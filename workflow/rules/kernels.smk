# Kernel ridge chains on images: grids, chains of fits, theory, tables.

from scripts.schema.kernels import KernelProblem
from scripts.kernels.settings import KernelGenerators, KernelSweep

KERNELS = settings.kernel_experiments


wildcard_constraints:
    kernel=one_of(KERNELS),


rule lay_kernel_grid:
    """Lay the grid of points to simulate, in the sizes for the images found."""
    input:
        "<results>/data/images.json",
    output:
        "<results>/data/{kernel}.points.csv",
    log:
        "<logs>/lay_kernel_grid/{kernel}.log",
    benchmark:
        "<benchmarks>/lay_kernel_grid/{kernel}.tsv"
    localrule: True
    params:
        block=lambda w: keys_of(KERNELS[w.kernel], KernelSweep),
        code=code_of("kernels/lay_kernel_grid"),
    script:
        "../scripts/kernels/lay_kernel_grid.py"


rule train_kernel_generators:
    """Train the generators of a block of replicates."""
    input:
        **IMAGES,
    output:
        "<results>/training/{kernel}/generators-{first}-{last}.npz",
    log:
        "<logs>/train_kernel_generators/{kernel}-{first}-{last}.log",
    benchmark:
        "<benchmarks>/train_kernel_generators/{kernel}-{first}-{last}.tsv"
    params:
        block=lambda w: keys_of(KERNELS[w.kernel], KernelGenerators),
        generation=lambda w: max(KERNELS[w.kernel].generations),
        seed=lambda w: seed_of(w.kernel),
        code=code_of("kernels/train_kernel_generators"),
    script:
        "../scripts/kernels/train_kernel_generators.py"


rule fit_kernel_downstream:
    """Fit all points to the labels of a block of replicates, and test the fits."""
    input:
        **IMAGES,
        points="<results>/data/{kernel}.points.csv",
        generators="<results>/training/{kernel}/generators-{first}-{last}.npz",
    output:
        "<results>/training/{kernel}/risks-{first}-{last}.npz",
    log:
        "<logs>/fit_kernel_downstream/{kernel}-{first}-{last}.log",
    benchmark:
        "<benchmarks>/fit_kernel_downstream/{kernel}-{first}-{last}.tsv"
    params:
        block=lambda w: keys_of(KERNELS[w.kernel], KernelProblem),
        noise=lambda w: KERNELS[w.kernel].noise,
        seed=lambda w: seed_of(w.kernel),
        code=code_of("kernels/fit_kernel_downstream"),
    script:
        "../scripts/kernels/fit_kernel_downstream.py"


rule predict_kernel_risk:
    """Predict test errors by the recursion, on the estimated spectrum."""
    input:
        problem="<results>/data/{kernel}.problem.npz",
        source="<results>/data/images.json",
        points="<results>/data/{kernel}.points.csv",
    output:
        "<results>/theory/{kernel}.csv",
    log:
        "<logs>/predict_kernel_risk/{kernel}.log",
    benchmark:
        "<benchmarks>/predict_kernel_risk/{kernel}.tsv"
    params:
        block=lambda w: keys_of(KERNELS[w.kernel], KernelGenerators),
        noise=lambda w: KERNELS[w.kernel].noise,
        code=code_of("kernels/predict_kernel_risk"),
    script:
        "../scripts/kernels/predict_kernel_risk.py"


rule tabulate_kernels:
    """Tabulate exponents, growth in n, where theory fails, and ℓ⋆ against ℓ_crit."""
    input:
        problems=expand("<results>/data/{kernel}.problem.npz", kernel=KERNELS),
        simulated=expand("<results>/training/{kernel}.csv", kernel=KERNELS),
        replicates=expand("<results>/training/{kernel}.replicates.npz", kernel=KERNELS),
        theory=expand("<results>/theory/{kernel}.csv", kernel=KERNELS),
        source="<results>/data/images.json",
    output:
        **tables("kernel_exponents", "kernel_growth", "universality", "ridge_rules"),
    log:
        "<logs>/tabulate_kernels.log",
    benchmark:
        "<benchmarks>/tabulate_kernels.tsv"
    localrule: True
    params:
        blocks={name: keys_of(block, KernelGenerators) for name, block in KERNELS.items()},
        windows=settings.exponent_windows,
        code=code_of("kernels/tabulate_kernels"),
    script:
        "../scripts/kernels/tabulate_kernels.py"
