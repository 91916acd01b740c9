# Claims: each numbered statement against a number, with a verdict; they gate the paper.

from scripts.claims.settings import Statement

STATEMENTS = {name: keys_of(claim, Statement) for name, claim in settings.claims.items()}
TESTS = {
    name: (claim.measured_by, claim.setting)
    for name, claim in sorted(settings.claims.items())
    if claim.is_testable
}
TO_CHECK = STATEMENTS if settings.claim is None else {settings.claim: STATEMENTS[settings.claim]}


# One rule for each file of claims: an edit of the file reruns only its claims.
for file in sorted({measured_by.partition(".")[0] for measured_by, _ in TESTS.values()}):
    tests_of_file = {claim: test for claim, test in TESTS.items() if test[0].startswith(f"{file}.")}

    rule:
        """Measure the claims of one file."""
        name:
            f"measure_claims_of_{file}"
        output:
            **{claim: f"<results>/claims/{claim}.csv" for claim in tests_of_file},
        log:
            f"<logs>/measure_claims_of_{file}.log",
        benchmark:
            f"<benchmarks>/measure_claims_of_{file}.tsv"
        params:
            claims=tests_of_file,
            seed=str(settings.seed),
            code=code_of("claims/measure_claims", f"claims/measurements/{file}"),
        script:
            "../scripts/claims/measure_claims.py"


rule check_claims:
    """Print the ledger, or measure and print a picked claim; write no file."""
    input:
        expand("<results>/claims/{claim}.csv", claim=[] if settings.claim else TESTS),
    log:
        "<logs>/check_claims.log",
    localrule: True
    params:
        claims=TO_CHECK,
        picked={claim: TESTS[claim] for claim in TO_CHECK if settings.claim in TESTS},
        seed=str(settings.seed),
    script:
        "../scripts/claims/check_claims.py"


rule write_ledger:
    """Write the ledger and its tables: claims, errata, other papers, counterexamples."""
    input:
        expand("<results>/claims/{claim}.csv", claim=TESTS),
    output:
        ledger=table("<results>/claims.csv"),
        claims="<results>/tables/claims.tex",
        errata="<results>/tables/errata.tex",
        literature="<results>/tables/literature.tex",
        by_point="<results>/tables/counterexamples.tex",
    log:
        "<logs>/write_ledger.log",
    benchmark:
        "<benchmarks>/write_ledger.tsv"
    localrule: True
    params:
        claims=STATEMENTS,
        figures=settings.all_figures,
        code=code_of("claims/write_ledger"),
    script:
        "../scripts/claims/write_ledger.py"
