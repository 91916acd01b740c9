# Networks on images: random features by SGD and by its filter, whole networks generation by
# generation, their tables and figures, and what a large run keeps.

from scripts.networks.settings import Backend, Draw, NetworkPanel, Training

JUDGED = "fig5"  # the block whose learning rate is tried under other conventions
ENGINE = {"backend": cut(settings.backend, Backend), "torch": plan.torch}
KEPT = ("networks", "network_growth", "network_agreement")  # tables of a large run


rule draw_network_images:
    """Draw the images that networks are trained and tested on."""
    input:
        **IMAGES,
    output:
        "<results>/data/{network}.images.npz",
    priority: 20
    params:
        block=lambda w: cut(plan.nets[w.network], Draw),
        draws=lambda w: plan.nets[w.network].draws,
        seed=lambda w: plan.seed(w.network),
    script:
        "../scripts/networks/draw_network_images.py"


rule train_network:
    """Train all generations of one width; after an interruption, only those that are left."""
    input:
        images="<results>/data/{whole}.images.npz",
        source=IMAGES["source"],
    output:
        "<results>/training/{whole}/width-{width}.npz",
    priority: 20
    params:
        **ENGINE,
        block=lambda w: cut(settings.networks[w.whole], Training),
        seed=lambda w: plan.seed(w.whole),
    script:
        "../scripts/networks/train_network.py"


rule train_random_features:
    """Train all generations of one replicate on one hidden layer, which stays as drawn."""
    input:
        images="<results>/data/{features}.images.npz",
        source=IMAGES["source"],
    output:
        "<results>/training/{features}/width-{width}/replicate-{replicate}.npz",
    priority: 10
    params:
        **ENGINE,
        block=lambda w: cut(settings.random_features[w.features], Training),
        seed=lambda w: plan.seed(w.features),
    script:
        "../scripts/networks/train_random_features.py"


rule summarise_networks:
    """Average test errors over replicates."""
    input:
        lambda w: plan.nets[w.network].trained(w.network),
    output:
        risks="<results>/training/{network}.csv",
        replicates="<results>/training/{network}.replicates.npz",
    params:
        axes=lambda w: plan.nets[w.network].axes,
    script:
        "../scripts/networks/summarise_networks.py"


rule predict_random_features:
    """Predict what SGD on random features does, from the spectrum of the features."""
    input:
        trained=lambda w: settings.random_features[w.features].trained(w.features),
        source=IMAGES["source"],
    output:
        "<results>/theory/{features}.csv",
    params:
        block=lambda w: cut(settings.random_features[w.features], Training),
        widths=lambda w: settings.random_features[w.features].widths,
    script:
        "../scripts/networks/predict_random_features.py"


rule measure_stability:
    """Find the learning rates from which gradient descent diverges, for each convention."""
    input:
        **IMAGES,
    output:
        **tables("stability"),
    params:
        **ENGINE,
        name=JUDGED,
        block=lambda w: settings.random_features[JUDGED].judged,
        seed=plan.seed(JUDGED),
    script:
        "../scripts/networks/measure_stability.py"


rule tabulate_networks:
    """Tabulate every point, growth with the generation, and SGD against its theory."""
    input:
        simulated=expand("<results>/training/{name}.csv", name=sorted(plan.nets)),
        replicates=expand("<results>/training/{name}.replicates.npz", name=sorted(plan.nets)),
        theory=expand("<results>/theory/{name}.csv", name=sorted(settings.random_features)),
        images="<results>/data/images.json",
        reference=source("paper/reference/network_growth.csv"),
    output:
        **tables("network_growth", "network_agreement"),
        points=table("<results>/tables/networks.csv"),
        reference_tex="<results>/tables/reference_growth.tex",
    params:
        sizes={name: cut(block, Draw)["sizes"] for name, block in plan.nets.items()},
    script:
        "../scripts/networks/tabulate_networks.py"


rule plot_networks:
    """Draw a figure of networks: this build beside the reference run."""
    input:
        points="<results>/tables/networks.csv",
        reference=source("paper/reference/networks.csv"),
        style=source("workflow/style.mplstyle"),
    output:
        **drawn("{network_figure}"),
    params:
        panels=lambda w: [cut(p, NetworkPanel) for p in settings.network_figures[w.network_figure]],
    script:
        "../scripts/networks/plot_networks.py"


rule keep_reference:
    """Keep the tables of a large run beside the paper, with their origin and their cost."""
    input:
        tables=expand("<results>/tables/{name}.csv", name=KEPT),
        provenance="<results>/tables/provenance.json",
    output:
        tables=expand("<results>/reference/{name}.csv", name=KEPT),
        record="<results>/reference/provenance.json",
    params:
        backend=ENGINE["backend"],
        blocks={name: cut(block, type(block)) for name, block in plan.nets.items()},
        benchmarks=settings.pathvars.benchmarks,
    script:
        "../scripts/networks/keep_reference.py"
