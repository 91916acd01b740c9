# Manifest: what the build made, from what; and the comparison with that of another build.


rule write_manifest:
    input:
        paper="<results>/paper.pdf",
        figures=dag.figure_files,
        lock="requirements.lock",
        sources=tracked_sources("paper/write_manifest"),
    output:
        "<results>/manifest.json",
    log:
        "<logs>/write_manifest.log",
    benchmark:
        "<benchmarks>/write_manifest.tsv"
    conda:
        "../envs/python.yaml"
    params:
        checkout=checkout(),
    script:
        "../scripts/paper/write_manifest.py"


# No output: it prints the comparison each time it is asked for.
rule verify:
    input:
        against=[config["against"]] if config["against"] else [],
        manifest="<results>/manifest.json",
        sources=tracked_sources("paper/verify"),
    log:
        "<logs>/verify.log",
    conda:
        "../envs/python.yaml"
    script:
        "../scripts/paper/verify.py"
