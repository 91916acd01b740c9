# The images of kernels and networks.


rule load_images:
    input:
        image_files(config),
        sources=tracked_sources("images/load_images"),
    output:
        arrays="<results>/data/images.npz",
        source="<results>/data/images.json",
    log:
        "<logs>/load_images.log",
    benchmark:
        "<benchmarks>/load_images.tsv"
    priority: 20
    conda:
        "../envs/python.yaml"
    params:
        images=dag.config["images"],
        seed=config["seed"],
    script:
        "../scripts/images/load_images.py"
