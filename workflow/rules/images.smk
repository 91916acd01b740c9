# The images of kernels and networks.

from scripts.images.settings import Images

IMAGES = {"images": "<results>/data/images.npz", "source": "<results>/data/images.json"}


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
        images=cut(settings.images, Images),
        seed=settings.seed,
        code=code_of("images/load_images"),
    script:
        "../scripts/images/load_images.py"
