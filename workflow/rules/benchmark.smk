# The speed of the simulation, on this machine: `snakemake --cores 1 benchmark`, in no other target.


rule measure_speed:
    """Time a replicate: the library, a plain script, random numbers and LAPACK alone."""
    output:
        "<results>/benchmark.csv",
    log:
        "<logs>/measure_speed.log",
    benchmark:
        "<benchmarks>/measure_speed.tsv"
    params:
        code=code_of("benchmark/measure_speed"),
    script:
        "../scripts/benchmark/measure_speed.py"


rule plot_speed:
    """Draw the time for a replicate against T and against d."""
    input:
        times="<results>/benchmark.csv",
        style=source("workflow/style.mplstyle"),
    output:
        pdf="<results>/figures/benchmark.pdf",
        svg="<results>/figures/benchmark.svg",
    log:
        "<logs>/plot_speed.log",
    benchmark:
        "<benchmarks>/plot_speed.tsv"
    localrule: True
    params:
        code=code_of("benchmark/plot_speed"),
    script:
        "../scripts/benchmark/plot_speed.py"


rule benchmark:
    """Time the simulation and draw it."""
    input:
        "<results>/figures/benchmark.pdf",
    localrule: True
