# The images of kernels and networks, and the spectra of kernels on them.

from scripts.images.settings import Images
from scripts.schema.kernels import KernelProblem

KERNEL_PROBLEMS = settings.kernel_experiments | {
    f"remedies_{name}": learner for name, learner in settings.remedies.images.learners.items()
}


wildcard_constraints:
    kernel_problem=one_of(KERNEL_PROBLEMS),


rule load_images:
    """Read, download or make the images, and say where they came from."""
    input:
        settings.images.files(),
    output:
        arrays="<results>/data/images.npz",
        source="<results>/data/images.json",
    log:
        "<logs>/load_images.log",
    benchmark:
        "<benchmarks>/load_images.tsv"
    priority: 20
    localrule: True
    params:
        images=keys_of(settings.images, Images),
        seed=settings.seed,
        code=code_of("images/load_images"),
    script:
        "../scripts/images/load_images.py"


rule estimate_kernel_spectrum:
    """Estimate a kernel's spectrum, and the target in it, from images kept apart for this."""
    input:
        **IMAGES,
    output:
        "<results>/data/{kernel_problem}.problem.npz",
    log:
        "<logs>/estimate_kernel_spectrum/{kernel_problem}.log",
    benchmark:
        "<benchmarks>/estimate_kernel_spectrum/{kernel_problem}.tsv"
    params:
        block=lambda w: keys_of(KERNEL_PROBLEMS[w.kernel_problem], KernelProblem),
        code=code_of("images/estimate_kernel_spectrum"),
    script:
        "../scripts/images/estimate_kernel_spectrum.py"
