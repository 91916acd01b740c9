# `make paper` and `make test` install what is missing, then run.
# VENV=/a/folder keeps Python's packages there.

PYTHON ?= python3
VENV := .venv
OUTER_PATH := $(PATH)
SLURM := slurm-wlm slurmctld slurmd munge
CHROMIUM := chromium chromium-driver
APT := DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends
ENVIRONMENT := $(if $(filter /%,$(VENV)),,$(CURDIR)/)$(VENV)
export PATH := $(ENVIRONMENT)/bin:$(PATH):/usr/sbin

# Packages are those of $(VENV) alone, wherever the user's settings of Python and pip lead.
unexport PYTHONHOME PYTHONPATH PYTHONUSERBASE
unexport PIP_TARGET PIP_PREFIX PIP_ROOT PIP_USER PIP_PYTHON PIP_DRY_RUN PIP_REQUIRE_VIRTUALENV
PIP := python -m pip install --quiet --disable-pip-version-check \
       --prefix "$(ENVIRONMENT)" --target '' --root / --no-user

# One target at a time, also under make -j: they share the packages, apt-get and Snakemake's lock.
.NOTPARALLEL:

# Snakemake and Matplotlib end or complain without a folder for caches: here, if home has none.
CACHE := $${XDG_CACHE_HOME:-$${HOME:-/}/.cache}
ifneq ($(shell mkdir -p "$(CACHE)" 2>/dev/null && test -w "$(CACHE)" && echo writable),writable)
export XDG_CACHE_HOME := $(CURDIR)/.snakemake/cache
endif

# One line shows the progress, in place of a page on each job.
SNAKEMAKE := PYTHONPATH=workflow/plugins snakemake --logger progress --rerun-incomplete

.PHONY: paper report figures verify reference test test-all test-torch test-slurm setup-slurm test-browser chromium pictures lint schema benchmark mutants setup environment tex clean

# ARGS goes to Snakemake: make paper ARGS="--config images='{folder: /data/mnist}'"
paper: setup
	$(SNAKEMAKE) --cores all $(ARGS)

# All figures and tables on one page, report.html among the results, which a build comes before.
REPORT = $$(PYTHONPATH=workflow:workflow/src python -m scripts.report.report_path $(ARGS))
report: setup
	$(SNAKEMAKE) --cores all report_files $(ARGS)
	snakemake report_files --report "$(REPORT)" --report-stylesheet workflow/report/style.css $(ARGS)

figures: environment
	$(SNAKEMAKE) --cores all figures $(ARGS)

# Compare the files with the build's manifest and, with AGAINST=manifest.json, with another build.
# Of two --config Snakemake takes the last, so AGAINST joins that of ARGS.
OTHER := $(if $(AGAINST),--config against="$(AGAINST)")
verify: environment
	$(SNAKEMAKE) --cores all verify $(if $(findstring --config ,$(ARGS)),$(subst --config ,$(or $(OTHER),--config) ,$(ARGS)),$(OTHER) $(ARGS))

# Figures 5 and 6 on more images, some 40 minutes; paper/reference keeps the tables.
reference: environment
	$(SNAKEMAKE) --cores all keep_reference --configfile config/reference.yaml $(ARGS)
	cp reference/results/reference/* paper/reference/

# Tests run on every core.
PYTEST := python -m pytest -n logical --dist worksteal

# Without the slow tests: whole builds, clones, kills. ARGS goes to pytest; -n 0 is one process.
test: setup
	$(PYTEST) -m "not slow and not slurm and not browser" $(ARGS)

test-all: setup
	$(PYTEST) $(ARGS)

# Networks on PyTorch, an optional extra, against NumPy.
TORCH := import tomllib; extras = tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]; print(*extras["torch"])
test-torch: environment
	python -c 'import torch' 2>/dev/null || \
	  $(PIP) "$$(python -c '$(TORCH)')"
	python -m pytest tests/library/networks/test_torch.py

# The executor of workflow/profiles/slurm, an optional extra.
setup-slurm: environment
	$(PIP) --require-hashes -r requirements-slurm.lock

# The miniature on a cluster of one node, of which a job and the node are killed; as root.
test-slurm: setup setup-slurm
	@which slurmctld slurmd munged >/dev/null || \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -qq && $(APT) $(SLURM); \
	  else echo "Slurm is missing. As root: apt-get install $(SLURM)" >&2; exit 1; fi
	python -m pytest -m slurm $(ARGS)

# The pages in headless Chromium.
test-browser: environment chromium
	$(PIP) --require-hashes -r requirements-browser.lock
	python -m pytest -m browser $(ARGS)

chromium:
	@which chromedriver >/dev/null && which chromium google-chrome | grep -q . || \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -qq && $(APT) $(CHROMIUM); \
	  else echo "Chromium is missing. As root: apt-get install $(CHROMIUM)" >&2; exit 1; fi

# The README's pictures, from the results.
PICTURES := fig1b crossover
pictures: paper chromium
	for name in $(PICTURES); do \
	  pdftocairo -png -singlefile -r 200 results/figures/$$name.pdf .github/pictures/$$name; done
	"$$(which chromium google-chrome | head -1)" --headless=new --no-sandbox --hide-scrollbars --window-size=1280,900 \
	  --screenshot=.github/pictures/explorer.png "file://$(CURDIR)/results/explorer.html"

# Snakemake wants an environment for each rule; one lock file serves all. No other complaint passes.
LINTS := /^Lints/ {where = $$0} {all = all $$0 "\n"} \
         /^    \* / {if (/environment or container for each rule/) ran = 1; else {print where, $$0; bad = 1}} \
         END {if (!ran) print all; exit bad || !ran}
lint: environment
	ruff check .
	ruff format --check .
	mypy
	snakefmt --check .
	snakemake --lint 2>&1 | awk '$(LINTS)'
	check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yaml
	check-jsonschema --builtin-schema vendor.github-actions .github/actions/*/action.yml
	check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff

# Write the descriptions of the config: config/schema.json and the tables of config/README.md.
schema: environment
	PYTHONPATH=workflow:workflow/src python -m scripts.describe_config

# The simulation against a plain script that samples everything, and against random numbers alone.
benchmark: environment
	$(SNAKEMAKE) --cores 1 benchmark $(ARGS)

# Multiply terms of formulas by 1.01: does a test or a claim fail? ARGS=--all for every term.
mutants: environment
	python tests/tools/mutants.py $(ARGS)

# Python's packages come first: figures need no TeX.
setup: environment tex

# Checked each time; made anew if it was moved, or if its Python is another one than at first.
environment: PATH := $(OUTER_PATH)
environment:
	@command -v "$(PYTHON)" >/dev/null || \
	  { echo "There is no $(PYTHON): install Python 3.11 or newer, or name one with PYTHON=..." >&2; exit 1; }; \
	"$(PYTHON)" -I tools/environment.py $(if $(filter file,$(origin PYTHON)),,--named) "$(VENV)"

# Seen or installed by a module of the workflow, which says what the paper needs.
tex:
	@PYTHONPATH=workflow "$(PYTHON)" -B -m scripts.paper.tex

clean:
	rm -rf results logs benchmarks miniature reference paper_scale tenth large
