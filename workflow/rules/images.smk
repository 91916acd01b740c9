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
    priority: 20
    params:
        images=cut(settings.images, Images),
        seed=settings.seed,
    script:
        "../scripts/images/load_images.py"
