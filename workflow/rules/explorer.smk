# The explorer: one page on which the theory is live, with the simulated points of figures.

from scripts.explorer.settings import shown_in_explorer
from scripts.scaling.settings import EXPONENT_MAPS

SHOWN = shown_in_explorer(settings)
PAGE = sorted((ROOT / "workflow/scripts/explorer/page").iterdir())


rule write_explorer:
    """Write the explorer: one file, with its style, its scripts and the numbers of this build."""
    input:
        page=list(map(source, PAGE)),
        simulated=expand("<results>/training/{name}.csv", name=SHOWN["experiments"]),
        remedies=expand(
            "<results>/training/remedies_{regime}.csv", regime=settings.remedies.regimes
        ),
        exponents=expand("<results>/theory/exponents_{table}.csv", table=EXPONENT_MAPS),
        simulated_exponents=expand("<results>/training/exponents_{table}.csv", table=EXPONENT_MAPS),
    output:
        "<results>/explorer.html",
    log:
        "<logs>/write_explorer.log",
    benchmark:
        "<benchmarks>/write_explorer.tsv"
    localrule: True
    params:
        shown=SHOWN,
        code=code_of("explorer/write_explorer"),
    script:
        "../scripts/explorer/write_explorer.py"
