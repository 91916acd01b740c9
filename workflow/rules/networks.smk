# Networks on images: random features by SGD and by its filter, full training generation by generation.


rule draw_network_images:
    input:
        images="<results>/data/images.npz",
        source="<results>/data/images.json",
        sources=tracked_sources("networks/draw_network_images"),
    output:
        "<results>/data/{network}.images.npz",
    log:
        "<logs>/draw_network_images/{network}.log",
    benchmark:
        "<benchmarks>/draw_network_images/{network}.tsv"
    priority: 20
    conda:
        "../envs/python.yaml"
    params:
        block=lambda wildcards: dag.network_draw(wildcards.network),
        seed=lambda wildcards: dag.seed(wildcards.network),
    script:
        "../scripts/networks/draw_network_images.py"


# One job a generation: an interrupted chain goes on after the last finished one.
rule train_network:
    input:
        unpack(dag.generation_before),
        images="<results>/data/{network}.images.npz",
        sources=tracked_sources("networks/train_network"),
    output:
        "<results>/training/{network}/width-{width}/generation-{generation}.npz",
    log:
        "<logs>/train_network/{network}-{width}-{generation}.log",
    benchmark:
        "<benchmarks>/train_network/{network}-{width}-{generation}.tsv"
    wildcard_constraints:
        network="|".join(dag.networks) or "(?!)",
    priority: 20
    conda:
        "../envs/python.yaml"
    params:
        network="{network}",
        width="{width}",
        generation="{generation}",
        block=lambda wildcards: dag.network_recipe(wildcards.network),
        backend=dag.config["backend"],
        torch=dag.torch_version,
        seed=lambda wildcards: dag.seed(wildcards.network),
    script:
        "../scripts/networks/train_network.py"


# One job a replicate: one eigendecomposition serves all its generations.
rule train_random_features:
    input:
        images="<results>/data/{network}.images.npz",
        sources=tracked_sources("networks/train_random_features"),
    output:
        "<results>/training/{network}/width-{width}/replicate-{replicate}.npz",
    log:
        "<logs>/train_random_features/{network}-{width}-{replicate}.log",
    benchmark:
        "<benchmarks>/train_random_features/{network}-{width}-{replicate}.tsv"
    wildcard_constraints:
        network="|".join(dag.random_features) or "(?!)",
    priority: 10
    conda:
        "../envs/python.yaml"
    params:
        network="{network}",
        width="{width}",
        replicate="{replicate}",
        block=lambda wildcards: dag.network_recipe(wildcards.network, "generations"),
        backend=dag.config["backend"],
        torch=dag.torch_version,
        seed=lambda wildcards: dag.seed(wildcards.network),
    script:
        "../scripts/networks/train_random_features.py"


rule summarise_networks:
    input:
        risks=dag.network_files,
        sources=tracked_sources("networks/summarise_networks"),
    output:
        risks="<results>/training/{network}.csv",
        replicates="<results>/training/{network}.replicates.npz",
    log:
        "<logs>/summarise_networks/{network}.log",
    benchmark:
        "<benchmarks>/summarise_networks/{network}.tsv"
    conda:
        "../envs/python.yaml"
    params:
        network="{network}",
        block=lambda wildcards: dag.part(wildcards.network, "widths", "generations"),
        methods=lambda wildcards: dag.network_methods(wildcards.network),
        axis=lambda wildcards: int(wildcards.network in dag.networks),
    script:
        "../scripts/networks/summarise_networks.py"


rule predict_random_features:
    input:
        spectra=dag.network_files,
        sources=tracked_sources("networks/predict_random_features"),
    output:
        "<results>/theory/{network}.csv",
    log:
        "<logs>/predict_random_features/{network}.log",
    benchmark:
        "<benchmarks>/predict_random_features/{network}.tsv"
    wildcard_constraints:
        network="|".join(dag.random_features) or "(?!)",
    conda:
        "../envs/python.yaml"
    params:
        network="{network}",
        block=lambda wildcards: dag.network_recipe(wildcards.network, "generations", "widths"),
    script:
        "../scripts/networks/predict_random_features.py"
