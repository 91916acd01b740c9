# Rebuilds the paper: config -> data -> training and theory -> tables and figures -> paper.
# Run `snakemake --cores all`; `snakemake --cores all figures` needs no TeX.

from snakemake.utils import min_version

min_version("9.14")


include: "workflow/rules/common.smk"
include: "workflow/rules/images.smk"
include: "workflow/rules/chains.smk"
include: "workflow/rules/regression.smk"
include: "workflow/rules/kernels.smk"
include: "workflow/rules/networks.smk"
include: "workflow/rules/scaling.smk"
include: "workflow/rules/decomposition.smk"
include: "workflow/rules/fake_labels.smk"
include: "workflow/rules/remedies.smk"
include: "workflow/rules/explorer.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/paper.smk"
include: "workflow/rules/benchmark.smk"


rule all:
    default_target: True
    input:
        lambda w: checked_paper(settings, article()),
        FIGURE_FILES,
        "<results>/explorer.html",
        "<results>/manifest.json",
        "<benchmarks>/compute.csv",
    localrule: True


rule figures:
    input:
        FIGURE_FILES,
    localrule: True


include: "workflow/rules/report.smk"


if workflow.is_main_process:
    heed_records(workflow, workflow.modifier.rules)
leave_imports()

# Read by workflow/Snakefile, as an include leaves the default target as it was.
DEFAULT_TARGET = workflow.default_target


onerror:
    if not workflow.local_exec:
        print(
            "Jobs under “Error in” above failed as often as they were tried, their logs say why; "
            "all that does not need them is kept: run the same command again for the rest.",
            file=sys.stderr,
        )
