# Paper: numbers of its prose, its diagram, the PDF; where it came from, and what it cost.

from scripts.core.imports import digest_of, project_files
from scripts.paper.contents import ARTICLE
from scripts.paper.numbers import BOOK
from scripts.paper.origin import checkout, sources


rule write_numbers:
    """Read the numbers of the prose off tables and config."""
    input:
        book=BOOK,
        files=[f if f.startswith("paper/") else f"<results>/{f}" for f in plan.book.files],
    output:
        "<results>/tables/numbers.tex",
    log:
        "<logs>/write_numbers.log",
    benchmark:
        "<benchmarks>/write_numbers.tsv"
    params:
        settings=lambda w: plan.book.settings(plan.stated),
        code=code_of("paper/write_numbers"),
    script:
        "../scripts/paper/write_numbers.py"


rule record_provenance:
    """Hash config, library, lock and images, as the paper prints them."""
    input:
        lock="requirements.lock",
        images="<results>/data/images.json",
    output:
        record="<results>/tables/provenance.json",
        tex="<results>/tables/provenance.tex",
    log:
        "<logs>/record_provenance.log",
    benchmark:
        "<benchmarks>/record_provenance.tsv"
    params:
        config=plan.stated,
        library=digest_of(project_files()),
        code=code_of("paper/record_provenance"),
    script:
        "../scripts/paper/record_provenance.py"


rule draw_framework:
    """Draw the diagram of the framework."""
    input:
        diagram="paper/framework.tex",
    output:
        **drawn("fig3"),
    log:
        "<logs>/draw_framework.log",
    benchmark:
        "<benchmarks>/draw_framework.tsv"
    params:
        code=code_of("paper/draw_framework"),
    script:
        "../scripts/paper/draw_framework.py"


rule write_paper:
    """Typeset the paper; an undefined reference is an error."""
    input:
        main=ARTICLE,
        bibliography="paper/references.bib",
        included=plan.article_files(),
    output:
        "<results>/paper.pdf",
    log:
        "<logs>/write_paper.log",
    benchmark:
        "<benchmarks>/write_paper.tsv"
    params:
        code=code_of("paper/write_paper"),
    script:
        "../scripts/paper/write_paper.py"


rule summarise_compute:
    """Say what the build cost. Times differ from run to run, so this is not among the results."""
    input:
        paper="<results>/paper.pdf",
    output:
        "<benchmarks>/compute.csv",
    log:
        "<logs>/summarise_compute.log",
    params:
        code=code_of("paper/summarise_compute"),
    script:
        "../scripts/paper/summarise_compute.py"


rule write_manifest:
    """List what the build made, from what, and by which rule."""
    input:
        paper="<results>/paper.pdf",
        figures=plan.figure_files,
        lock="requirements.lock",
    output:
        "<results>/manifest.json",
    log:
        "<logs>/write_manifest.log",
    benchmark:
        "<benchmarks>/write_manifest.tsv"
    params:
        checkout=checkout(),
        sources=sources(),
        code=code_of("paper/write_manifest"),
    script:
        "../scripts/paper/write_manifest.py"


rule verify:
    """Compare the build with its manifest, and with another's; print, and write no file."""
    input:
        against=[settings.against] if settings.against else [],
        manifest="<results>/manifest.json",
    log:
        "<logs>/verify.log",
    script:
        "../scripts/paper/verify.py"
