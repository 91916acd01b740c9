# Claims: each numbered statement against a number, with a verdict; they gate the paper.


rule measure_claim:
    input:
        sources=tracked_sources("claims/measure_claim"),
    output:
        "<results>/claims/{claim}.csv",
    log:
        "<logs>/measure_claim/{claim}.log",
    benchmark:
        "<benchmarks>/measure_claim/{claim}.tsv"
    wildcard_constraints:
        claim="|".join(dag.testable_claims) or "(?!)",
    conda:
        "../envs/python.yaml"
    params:
        claim="{claim}",
        setting=lambda wildcards: dag.config["claims"][wildcards.claim]["setting"],
        seed=lambda wildcards: dag.seed(wildcards.claim),
    script:
        "../scripts/claims/measure_claim.py"


# No output: it prints the ledger each time it is asked for.
rule check_claims:
    input:
        points=expand("<results>/claims/{claim}.csv", claim=dag.picked_claims),
        sources=tracked_sources("claims/check_claims"),
    log:
        "<logs>/check_claims.log",
    conda:
        "../envs/python.yaml"
    params:
        claims=dag.claim_blocks(picked=True),
    script:
        "../scripts/claims/check_claims.py"


rule write_ledger:
    input:
        points=expand("<results>/claims/{claim}.csv", claim=dag.testable_claims),
        sources=tracked_sources("claims/write_ledger"),
    output:
        ledger=report("<results>/claims.csv", category="Tables"),
        claims_tex="<results>/tables/claims.tex",
        errata_tex="<results>/tables/errata.tex",
        points_tex="<results>/tables/counterexamples.tex",
    log:
        "<logs>/write_ledger.log",
    benchmark:
        "<benchmarks>/write_ledger.tsv"
    conda:
        "../envs/python.yaml"
    params:
        claims=dag.claim_blocks(),
        point_by_point=POINT_BY_POINT,
    script:
        "../scripts/claims/write_ledger.py"
