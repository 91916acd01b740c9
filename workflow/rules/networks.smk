# Networks on images: random features by SGD and by its filter, whole networks generation by
# generation, their tables and figures, and what a large run keeps.

from scripts.networks.settings import Backend, Draw, NetworkPanel, Training

STABILITY_OF = "fig5"  # the block whose learning rate is tried under other conventions
ENGINE = {"backend": keys_of(settings.backend, Backend), "torch": settings.backend.torch_version}
NETWORKS = settings.all_networks
KEPT = ("networks", "network_growth", "network_agreement")  # tables of a large run


wildcard_constraints:
    width=r"\d+",
    replicate=r"\d+",
    features=one_of(settings.random_features),
    full_network=one_of(settings.networks),
    network=one_of(NETWORKS),
    network_figure=one_of(settings.network_figures),


rule draw_network_images:
    """Draw the images that networks are trained and tested on."""
    input:
        **IMAGES,
    output:
        "<results>/data/{network}.images.npz",
    log:
        "<logs>/draw_network_images/{network}.log",
    benchmark:
        "<benchmarks>/draw_network_images/{network}.tsv"
    priority: 20
    localrule: True
    params:
        block=lambda w: keys_of(NETWORKS[w.network], Draw),
        draws=lambda w: NETWORKS[w.network].draws,
        seed=lambda w: seed_of(w.network),
        code=code_of("networks/draw_network_images"),
    script:
        "../scripts/networks/draw_network_images.py"


rule train_network:
    """Train all generations of one width; after an interruption, only those that are left."""
    input:
        images="<results>/data/{full_network}.images.npz",
        source=IMAGES["source"],
    output:
        "<results>/training/{full_network}/width-{width}.npz",
    log:
        "<logs>/train_network/{full_network}-{width}.log",
    benchmark:
        "<benchmarks>/train_network/{full_network}-{width}.tsv"
    priority: 20
    params:
        **ENGINE,
        block=lambda w: keys_of(settings.networks[w.full_network], Training),
        seed=lambda w: seed_of(w.full_network),
        code=code_of("networks/train_network"),
    script:
        "../scripts/networks/train_network.py"


rule train_random_features:
    """Train all generations of one replicate on one hidden layer, which stays as drawn."""
    input:
        images="<results>/data/{features}.images.npz",
        source=IMAGES["source"],
    output:
        "<results>/training/{features}/width-{width}/replicate-{replicate}.npz",
    log:
        "<logs>/train_random_features/{features}-{width}-{replicate}.log",
    benchmark:
        "<benchmarks>/train_random_features/{features}-{width}-{replicate}.tsv"
    priority: 10
    params:
        **ENGINE,
        block=lambda w: keys_of(settings.random_features[w.features], Training),
        seed=lambda w: seed_of(w.features),
        code=code_of("networks/train_random_features"),
    script:
        "../scripts/networks/train_random_features.py"


rule summarise_networks:
    """Average test errors over replicates."""
    input:
        lambda w: NETWORKS[w.network].trained(w.network),
    output:
        risks="<results>/training/{network}.csv",
        replicates="<results>/training/{network}.replicates.npz",
    log:
        "<logs>/summarise_networks/{network}.log",
    benchmark:
        "<benchmarks>/summarise_networks/{network}.tsv"
    localrule: True
    params:
        axes=lambda w: NETWORKS[w.network].axes,
        code=code_of("networks/summarise_networks"),
    script:
        "../scripts/networks/summarise_networks.py"


rule predict_random_features:
    """Predict what SGD on random features does, from the spectrum of the features."""
    input:
        trained=lambda w: settings.random_features[w.features].trained(w.features),
        source=IMAGES["source"],
    output:
        "<results>/theory/{features}.csv",
    log:
        "<logs>/predict_random_features/{features}.log",
    benchmark:
        "<benchmarks>/predict_random_features/{features}.tsv"
    localrule: True
    params:
        block=lambda w: keys_of(settings.random_features[w.features], Training),
        widths=lambda w: settings.random_features[w.features].widths,
        code=code_of("networks/predict_random_features"),
    script:
        "../scripts/networks/predict_random_features.py"


rule measure_stability:
    """Find the learning rates from which gradient descent diverges, for each convention."""
    input:
        **IMAGES,
    output:
        **tables("stability"),
    log:
        "<logs>/measure_stability.log",
    benchmark:
        "<benchmarks>/measure_stability.tsv"
    params:
        **ENGINE,
        name=STABILITY_OF,
        block=lambda w: settings.random_features[STABILITY_OF].stability_block,
        seed=seed_of(STABILITY_OF),
        code=code_of("networks/measure_stability"),
    script:
        "../scripts/networks/measure_stability.py"


rule tabulate_networks:
    """Tabulate every point, growth with the generation, and SGD against its theory."""
    input:
        simulated=expand("<results>/training/{name}.csv", name=sorted(NETWORKS)),
        replicates=expand("<results>/training/{name}.replicates.npz", name=sorted(NETWORKS)),
        theory=expand("<results>/theory/{name}.csv", name=sorted(settings.random_features)),
        images="<results>/data/images.json",
        reference=source("paper/reference/network_growth.csv"),
    output:
        **tables("network_growth", "network_agreement"),
        points=table("<results>/tables/networks.csv"),
        reference_tex="<results>/tables/reference_growth.tex",
    log:
        "<logs>/tabulate_networks.log",
    benchmark:
        "<benchmarks>/tabulate_networks.tsv"
    localrule: True
    params:
        sizes={name: keys_of(block, Draw)["sizes"] for name, block in NETWORKS.items()},
        code=code_of("networks/tabulate_networks"),
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
    log:
        "<logs>/plot_networks/{network_figure}.log",
    benchmark:
        "<benchmarks>/plot_networks/{network_figure}.tsv"
    localrule: True
    params:
        panels=lambda w: [
            keys_of(p, NetworkPanel) for p in settings.network_figures[w.network_figure]
        ],
        code=code_of("networks/plot_networks"),
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
    log:
        "<logs>/keep_reference.log",
    benchmark:
        "<benchmarks>/keep_reference.tsv"
    localrule: True
    params:
        backend=ENGINE["backend"],
        blocks={name: keys_of(block, type(block)) for name, block in NETWORKS.items()},
        benchmarks=placed("<benchmarks>"),
        code=code_of("networks/keep_reference"),
    script:
        "../scripts/networks/keep_reference.py"
