# Kernel ridge chains on images: grids, spectra, chains of fits, theory, tables.

from scripts.schema.kernels import KernelProblem
from scripts.kernels.settings import KernelGenerators, KernelSweep

KERNELS = settings.kernel_experiments


rule lay_kernel_grid:
    """Lay the grid of points to simulate, in the sizes for the images found."""
    input:
        "<results>/data/images.json",
    output:
        "<results>/data/{kernel}.simulated.csv",
    log:
        "<logs>/lay_kernel_grid/{kernel}.log",
    benchmark:
        "<benchmarks>/lay_kernel_grid/{kernel}.tsv"
    localrule: True
    params:
        block=lambda w: cut(KERNELS[w.kernel], KernelSweep),
        code=code_of("kernels/lay_kernel_grid"),
    script:
        "../scripts/kernels/lay_kernel_grid.py"


rule estimate_kernel_spectrum:
    """Estimate a kernel's spectrum, and the target in it, from images kept apart for this."""
    input:
        **IMAGES,
    output:
        "<results>/data/{kernel}.problem.npz",
    log:
        "<logs>/estimate_kernel_spectrum/{kernel}.log",
    benchmark:
        "<benchmarks>/estimate_kernel_spectrum/{kernel}.tsv"
    params:
        block=lambda w: cut(KERNELS[w.kernel], KernelProblem),
        code=code_of("kernels/estimate_kernel_spectrum"),
    script:
        "../scripts/kernels/estimate_kernel_spectrum.py"


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
        block=lambda w: cut(KERNELS[w.kernel], KernelGenerators),
        generation=lambda w: max(KERNELS[w.kernel].generations),
        seed=lambda w: plan.seed(w.kernel),
        code=code_of("kernels/train_kernel_generators"),
    script:
        "../scripts/kernels/train_kernel_generators.py"


rule fit_kernel_downstream:
    """Fit all points to the labels of a block of replicates, and test the fits."""
    input:
        **IMAGES,
        simulated="<results>/data/{kernel}.simulated.csv",
        generators="<results>/training/{kernel}/generators-{first}-{last}.npz",
    output:
        "<results>/training/{kernel}/risks-{first}-{last}.npz",
    log:
        "<logs>/fit_kernel_downstream/{kernel}-{first}-{last}.log",
    benchmark:
        "<benchmarks>/fit_kernel_downstream/{kernel}-{first}-{last}.tsv"
    params:
        block=lambda w: cut(KERNELS[w.kernel], KernelProblem),
        noise=lambda w: KERNELS[w.kernel].noise,
        seed=lambda w: plan.seed(w.kernel),
        code=code_of("kernels/fit_kernel_downstream"),
    script:
        "../scripts/kernels/fit_kernel_downstream.py"


use rule summarise_risks as summarise_kernel_risks with:
    input:
        risks=lambda w: plan.risk_files(w.kernel),
        simulated="<results>/data/{kernel}.simulated.csv",
    output:
        risks="<results>/training/{kernel}.csv",
        replicates="<results>/training/{kernel}.replicates.npz",
    log:
        "<logs>/summarise_kernel_risks/{kernel}.log",
    benchmark:
        "<benchmarks>/summarise_kernel_risks/{kernel}.tsv"
    localrule: True


rule predict_kernel_risk:
    """Predict test errors by the recursion, on the estimated spectrum."""
    input:
        problem="<results>/data/{kernel}.problem.npz",
        source="<results>/data/images.json",
        simulated="<results>/data/{kernel}.simulated.csv",
    output:
        "<results>/theory/{kernel}.csv",
    log:
        "<logs>/predict_kernel_risk/{kernel}.log",
    benchmark:
        "<benchmarks>/predict_kernel_risk/{kernel}.tsv"
    params:
        block=lambda w: cut(KERNELS[w.kernel], KernelGenerators),
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
        blocks={name: cut(block, KernelGenerators) for name, block in KERNELS.items()},
        windows=settings.exponent_windows,
        code=code_of("kernels/tabulate_kernels"),
    script:
        "../scripts/kernels/tabulate_kernels.py"
