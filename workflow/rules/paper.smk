# Paper: numbers of its prose, its diagram, the PDF; where it came from, and what it cost.

from scripts.core.imports import digest_of, project_files
from scripts.core.reruns import made_otherwise
from scripts.paper.numbers import ARTICLE, BIBLIOGRAPHY, BOOK
from scripts.paper.origin import checkout, listed_in, sources

MANIFEST = f"{settings.pathvars.results}/manifest.json"
RULES = workflow.modifier.rules


rule write_numbers:
    """Read the numbers of the prose off tables and config."""
    input:
        book=source(BOOK),
        files=[source(f) if f.startswith("paper/") else f"<results>/{f}" for f in plan.book.files],
    output:
        "<results>/tables/numbers.tex",
    params:
        settings=lambda w: plan.book.settings(plan.stated),
    script:
        "../scripts/paper/write_numbers.py"


rule record_provenance:
    """Hash config, library, lock and images, as the paper prints them."""
    input:
        lock=source("requirements.lock"),
        images="<results>/data/images.json",
    output:
        record="<results>/tables/provenance.json",
        tex="<results>/tables/provenance.tex",
    params:
        config=plan.stated,
        library=digest_of(project_files()),
    script:
        "../scripts/paper/record_provenance.py"


rule draw_framework:
    """Draw the diagram of the framework."""
    input:
        diagram=source("paper/framework.tex"),
    output:
        **drawn("fig3"),
    script:
        "../scripts/paper/draw_framework.py"


rule plot_summary:
    """Draw the figure of the first page."""
    input:
        style=source("workflow/style.mplstyle"),
        theory="<results>/theory/fig1b_samples.csv",
        simulated="<results>/training/fig1b_samples.csv",
        theory_of_remedies="<results>/theory/remedies_power_law.csv",
        remedies="<results>/training/remedies_power_law.csv",
    output:
        **drawn("summary"),
    script:
        "../scripts/paper/plot_summary.py"


rule write_paper:
    """Typeset the paper; an undefined reference or a line that is too long is an error."""
    input:
        article=list(map(source, ARTICLE)),
        bibliography=source(BIBLIOGRAPHY),
        included=plan.article_files(),
    output:
        "<results>/paper.pdf",
    script:
        "../scripts/paper/write_paper.py"


rule write_manifest:
    """List what the build made, from what, by which rule; and what it cost."""
    input:
        paper="<results>/paper.pdf",
        figures=plan.figure_files,
        explorer="<results>/explorer.html",
        lock=source("requirements.lock"),
    output:
        manifest="<results>/manifest.json",
        compute="<benchmarks>/compute.csv",
    params:
        checkout=checkout(),
        sources=sources(),
    script:
        "../scripts/paper/write_manifest.py"


rule verify:
    """Compare the build as it is with its manifest, and with another's; print, and write no file."""
    input:
        against=[settings.against] if settings.against else [],
    log:
        "<logs>/verify.log",
    params:
        manifest=MANIFEST,  # as input it would be rebuilt
        otherwise=lambda w: made_otherwise(RULES, listed_in(MANIFEST)),
    script:
        "../scripts/paper/verify.py"
