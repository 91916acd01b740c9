# Report: tables and captions for Snakemake's own HTML report; `make report` writes it.

MADE_BY = {name: f"<results>/figures/{name}.pdf" for name in settings.all_figures}
MADE_BY |= {name: csv for name, (csv, _) in TABLES.items()}


report: "../report/method.rst"


rule show_table:
    """Show a table as a page that sorts."""
    input:
        csv=lambda w: TABLES[w.table_name][0],
        template=source("workflow/report/table.html"),
    output:
        shown(
            "<results>/pages/{table_name}.html",
            kind="table",
            name="{table_name}",
            family=lambda w: TABLES[w.table_name][1],
        ),
    log:
        "<logs>/show_table/{table_name}.log",
    benchmark:
        "<benchmarks>/show_table/{table_name}.tsv"
    wildcard_constraints:
        table_name="|".join(TABLES),
    localrule: True
    params:
        code=code_of("report/show_table"),
    script:
        "../scripts/report/show_table.py"


rule write_captions:
    """Turn the article's captions into HTML, with the numbers of the build."""
    input:
        article=list(map(source, ARTICLE)),
        numbers="<results>/tables/numbers.tex",
        captions=source("workflow/report/captions.yaml"),
    output:
        expand("<results>/captions/{name}.html", name=MADE_BY),
    log:
        "<logs>/write_captions.log",
    benchmark:
        "<benchmarks>/write_captions.tsv"
    localrule: True
    params:
        made_by={name: placed(path) for name, path in MADE_BY.items()},
        code=code_of("report/write_captions"),
    script:
        "../scripts/report/write_captions.py"


rule report_files:
    """Make all files that the report shows."""
    input:
        rules.all.input,
        expand("<results>/captions/{name}.html", name=MADE_BY),
        expand("<results>/pages/{name}.html", name=TABLES),
    localrule: True
