# Paper: numbers of its prose, its diagram, the PDF; where it came from, and what it cost.

from scripts.step.imports import digest_of, project_files
from scripts.step.reruns import made_otherwise
from scripts.paper.article import ARTICLE, BIBLIOGRAPHY, article, included_files
from scripts.paper.origin import checkout, listed_in, sources
from scripts.paper.prerequisites import checked_paper

MANIFEST = placed("<results>/manifest.json")
RULES = workflow.modifier.rules


rule write_numbers:
    """Read the numbers of the prose off tables and config; the article must use each of them."""
    input:
        article=list(map(source, ARTICLE)),
        # figures 1 and 2
        fig1b_simulated="<results>/training/fig1b_samples.csv",
        fig1b_theory="<results>/theory/fig1b_samples.csv",
        fig2a_simulated="<results>/training/fig2a_samples.csv",
        fig2b_simulated="<results>/training/fig2b_samples.csv",
        agreement="<results>/tables/agreement.csv",
        agreement_points="<results>/tables/agreement_points.csv",
        agreement_strays="<results>/tables/agreement_strays.csv",
        # scaling laws, generations, fake labels
        scaling_clean="<results>/tables/scaling_clean.csv",
        scaling_collapsed="<results>/tables/scaling_collapsed.csv",
        over_independent_theory="<results>/theory/over_independent.terms.csv",
        over_independent_simulated="<results>/training/over_independent.terms.npz",
        slopes="<results>/tables/slopes.csv",
        growing="<results>/tables/growing.csv",
        fake_labels_weight_theory="<results>/theory/fake_labels_over_weak_weight.csv",
        fake_labels_weight_simulated="<results>/training/fake_labels_over_weak_weight.csv",
        fake_labels_value_theory="<results>/theory/fake_labels_over_weak_eigenvalue.csv",
        fake_labels_value_simulated="<results>/training/fake_labels_over_weak_eigenvalue.csv",
        # images and networks
        images="<results>/data/images.json",
        fig4_polynomial_simulated="<results>/training/fig4_polynomial.csv",
        fig4_polynomial_replicates="<results>/training/fig4_polynomial.replicates.npz",
        universality="<results>/tables/universality.csv",
        kernel_growth="<results>/tables/kernel_growth.csv",
        fig5_theory="<results>/theory/fig5.csv",
        network_agreement="<results>/tables/network_agreement.csv",
        network_growth="<results>/tables/network_growth.csv",
        reference_agreement=source("paper/reference/network_agreement.csv"),
        reference_growth=source("paper/reference/network_growth.csv"),
        reference_provenance=source("paper/reference/provenance.json"),
        # remedies and the ledger
        flat_theory="<results>/theory/remedies_isotropic.csv",
        flat_simulated="<results>/training/remedies_isotropic.csv",
        steep_theory="<results>/theory/remedies_power_law.csv",
        steep_simulated="<results>/training/remedies_power_law.csv",
        remedies_map="<results>/tables/remedies_map.csv",
        kernel_remedies="<results>/training/remedies_kernel.csv",
        features_remedies="<results>/training/remedies_features.csv",
        remedies_price="<results>/tables/remedies_price.csv",
        claims="<results>/claims.csv",
    output:
        "<results>/tables/numbers.tex",
    log:
        "<logs>/write_numbers.log",
    benchmark:
        "<benchmarks>/write_numbers.tsv"
    localrule: True
    params:
        config=settings.stated(),
        code=code_of("paper/write_numbers"),
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
    log:
        "<logs>/record_provenance.log",
    benchmark:
        "<benchmarks>/record_provenance.tsv"
    localrule: True
    params:
        config=settings.stated(),
        library=digest_of(project_files()),
        code=code_of("paper/record_provenance"),
    script:
        "../scripts/paper/record_provenance.py"


rule draw_framework:
    """Draw the diagram of the framework."""
    input:
        diagram=source("paper/framework.tex"),
    output:
        **drawn("fig3"),
    log:
        "<logs>/draw_framework.log",
    benchmark:
        "<benchmarks>/draw_framework.tsv"
    localrule: True
    params:
        code=code_of("paper/draw_framework"),
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
    log:
        "<logs>/plot_summary.log",
    benchmark:
        "<benchmarks>/plot_summary.tsv"
    localrule: True
    params:
        code=code_of("paper/plot_summary"),
    script:
        "../scripts/paper/plot_summary.py"


rule write_paper:
    """Typeset the paper; an undefined reference or a line that is too long is an error."""
    input:
        article=list(map(source, ARTICLE)),
        bibliography=source(BIBLIOGRAPHY),
        included=included_files(article()),
    output:
        "<results>/paper.pdf",
    log:
        "<logs>/write_paper.log",
    benchmark:
        "<benchmarks>/write_paper.tsv"
    localrule: True
    params:
        code=code_of("paper/write_paper"),
    script:
        "../scripts/paper/write_paper.py"


rule write_manifest:
    """List what the build made, from what, by which rule; and what it cost."""
    input:
        paper="<results>/paper.pdf",
        figures=FIGURE_FILES,
        explorer="<results>/explorer.html",
        lock=source("requirements.lock"),
    output:
        manifest="<results>/manifest.json",
        compute="<benchmarks>/compute.csv",
    log:
        "<logs>/write_manifest.log",
    benchmark:
        "<benchmarks>/write_manifest.tsv"
    localrule: True
    params:
        checkout=checkout(),
        sources=sources(),
        code=code_of("paper/write_manifest"),
    script:
        "../scripts/paper/write_manifest.py"


rule verify:
    """Compare the build as it is with its manifest, and with another's; print, and write no file."""
    input:
        against=[settings.against] if settings.against else [],
    log:
        "<logs>/verify.log",
    localrule: True
    params:
        manifest=MANIFEST,  # as input it would be rebuilt
        otherwise=lambda w: made_otherwise(RULES, listed_in(MANIFEST)),
    script:
        "../scripts/paper/verify.py"
