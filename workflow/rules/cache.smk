# Snakemake's between-workflow cache, if the user turns it on: --cache, $SNAKEMAKE_OUTPUT_CACHE.

from snakemake.caching.rule import RuleCache

# Snakemake caches no rule with a benchmark, so the costly ones go without, and say nothing of
# caching to everybody else. The lock file is among their inputs: software is in the hash.
if workflow.enable_cache:
    for name in dag.costly_rules:
        costly = workflow.get_rule(name)
        costly.cache = RuleCache.from_rule(costly, "omit-software")
        costly._benchmark = None
