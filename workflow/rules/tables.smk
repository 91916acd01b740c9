# Tables: simulation against theory, the numbers of the prose, where the build came from.


rule write_numbers:
    input:
        simulated=expand("<results>/training/{name}.csv", name=dag.blocks),
        theory=expand("<results>/theory/{name}.csv", name=dag.regression),
        replicates=expand("<results>/training/{name}.replicates.npz", name=dag.blocks),
        points="<results>/tables/agreement_points.csv",
        agreement="<results>/tables/agreement.csv",
        strays="<results>/tables/agreement_strays.csv",
        images="<results>/data/images.json",
        tables=expand("<results>/tables/{name}.csv", name=TOLD) + ["<results>/claims.csv"],
        predicted_labels=expand("<results>/theory/fake_labels_{panel}.csv", panel=FAKE_PANELS),
        simulated_labels=expand("<results>/training/fake_labels_{panel}.csv", panel=FAKE_PANELS),
        terms_theory=dag.terms("<results>/theory/{}.terms.csv", "decomposition"),
        terms=dag.terms("<results>/training/{}.terms.npz", "decomposition"),
        networks=["<results>/tables/network_growth.csv", "<results>/tables/network_agreement.csv"],
        network_theory=expand("<results>/theory/{name}.csv", name=dag.random_features),
        reference=multiext(
            "paper/reference/", "network_growth.csv", "network_agreement.csv", "provenance.json"
        ),
        sources=tracked_sources("paper/write_numbers"),
    output:
        numbers="<results>/tables/numbers.tex",
    log:
        "<logs>/write_numbers.log",
    benchmark:
        "<benchmarks>/write_numbers.tsv"
    conda:
        "../envs/python.yaml"
    params:
        config=without_machine(dag.config),
    script:
        "../scripts/paper/write_numbers.py"


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
        "../scripts/paper/record_provenance.py"
