# Tables: simulation against theory, the numbers of the prose, where the build came from.


rule compare_with_theory:
    input:
        simulated=expand("<results>/training/{name}.csv", name=dag.regression),
        replicates=expand("<results>/training/{name}.replicates.npz", name=dag.regression),
        theory=expand("<results>/theory/{name}.csv", name=dag.regression),
        modules=tracked_modules("compare_with_theory"),
    output:
        points="<results>/tables/agreement_points.csv",
        table=report("<results>/tables/agreement.csv", category="Tables"),
        tex="<results>/tables/agreement.tex",
    log:
        "<logs>/compare_with_theory.log",
    benchmark:
        "<benchmarks>/compare_with_theory.tsv"
    conda:
        "../envs/python.yaml"
    script:
        "../scripts/compare_with_theory.py"


rule write_numbers:
    input:
        simulated=expand("<results>/training/{name}.csv", name=dag.blocks),
        theory=expand("<results>/theory/{name}.csv", name=dag.regression),
        problems=expand("<results>/data/{name}.problem.npz", name=dag.regression),
        points="<results>/tables/agreement_points.csv",
        agreement="<results>/tables/agreement.csv",
        images="<results>/data/images.json",
        modules=tracked_modules("write_numbers"),
    output:
        numbers="<results>/tables/numbers.tex",
        experiments="<results>/tables/experiments.tex",
    log:
        "<logs>/write_numbers.log",
    benchmark:
        "<benchmarks>/write_numbers.tsv"
    conda:
        "../envs/python.yaml"
    params:
        config=without_machine(dag.config),
    script:
        "../scripts/write_numbers.py"


rule record_provenance:
    input:
        library=project_files(),
        lock="requirements.lock",
        images="<results>/data/images.json",
    output:
        record="<results>/tables/provenance.json",
        tex="<results>/tables/provenance.tex",
    log:
        "<logs>/record_provenance.log",
    benchmark:
        "<benchmarks>/record_provenance.tsv"
    conda:
        "../envs/python.yaml"
    params:
        config=without_machine(dag.config),
    script:
        "../scripts/record_provenance.py"
