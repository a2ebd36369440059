# make demo        sample results, loaded and reported: demo/warehouse.duckdb, demo/out/report.html
# make test        the tests, and those of lakes; with DUCKDB=1.5.5, on that DuckDB, those that it can change
# make test-lake   the tests of lakes, on DuckDB 1.5.5 and a PostgreSQL of their own
# make test-spark  run_metrics in a Spark on this machine alone, from what `loader export --spark` writes
# make test-peers  the comparison with eai-delphi; needs torch, which can take several gigabytes
# make bench       loading beside eai-delphi and DuckDB, a quarter of an hour and 3 GB of disk; needs what test-peers does
# make bench QUICK=1  the ratios alone, of a seventh of that, and of whole commands: less than two minutes
# make fuzz        the parser of score files under libFuzzer for a minute, or SECONDS=600
# make soak        200 kills, 10,000 damaged files, 1,200 odd changes, fuzzing, kills of lakes, every view in Spark, jobs in Slurm, four times the corpus: more than half an hour and 5 GB of disk
# make lint        check format, style and types
# make clean       remove the environments and the demo
# PYTHON=python3.12 takes another Python than python3.

PYTHON ?= python3
DUCKDB ?=
SECONDS ?= 60

test_env := .venv-test$(if $(DUCKDB),-duckdb-$(DUCKDB))
pins := cat

has_postgres := ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
is_root := [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null
apt_install := echo "Installing packages of Debian ..." >&2 && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends
# Debian's package makes a cluster, and runs it from then on, unless a file says that it is not to.
no_cluster := /etc/postgresql-common/createcluster.d/none-for-tests.conf
install_postgres = mkdir -p $(dir $(no_cluster)) && echo 'create_main_cluster = off' > $(no_cluster) && $(apt_install) postgresql >/dev/null; rm -f $(no_cluster)
# Compiling all of every library takes longer than installing it; Python compiles what it imports.
pip_install = $(@D)/bin/python -m pip install --quiet --no-compile --constraint $(@D)/constraints.txt
# A file at a time. A worker that a hanging test has ended is not started again: that test would hang it too.
at_once := -n 2 --dist loadfile --max-worker-restart 0
draws_pdf = $(@D)/bin/python -c 'import plotly.graph_objects as go; go.Figure().to_image("pdf")' 2>/dev/null

.PHONY: help demo test test-lake test-spark test-peers bench soak fuzz lint clean

help:
	@sed -n 's/^# \(make .*\|[A-Z]*=.*\)/\1/p' Makefile

demo: .venv/ready .venv/chrome
	.venv/bin/loader demo demo/results
	.venv/bin/loader load demo/results -w demo/warehouse.duckdb
	.venv/bin/reports build -w demo/warehouse.duckdb -o demo/out

test: $(test_env)/ready $(test_env)/chrome
	@echo "Leaving out the tests marked spark, peers or soak: those are make test-spark, make test-peers and make soak" >&2
	$(test_env)/bin/pytest $(at_once) -m "not lake and not spark and not peers and not soak$(if $(DUCKDB), and not once)"
ifndef DUCKDB
	$(MAKE) test-lake
endif

test-lake: .venv-test-lake/ready
	@$(has_postgres) || { $(is_root) && { $(install_postgres); $(has_postgres); }; } \
	|| echo "No PostgreSQL, so its tests are left out: ask for the package postgresql" >&2
	.venv-test-lake/bin/pytest $(at_once) -m "lake and not soak"
	LAKE=$$($(has_postgres) && echo postgres || echo file) .venv-test-lake/bin/pytest $(at_once) -m "both and not soak"

test-spark: .venv-test-spark/ready
	@command -v java >/dev/null || { $(is_root) && $(apt_install) default-jre-headless >/dev/null; } \
	|| echo "No Java, so the tests in Spark are left out: ask for the package default-jre-headless" >&2
	.venv-test-spark/bin/pytest -m "spark and not soak"

test-peers: .venv-peers/delphi
	.venv-peers/bin/pytest -m peers

bench: .venv-peers/delphi
	.venv-peers/bin/python -m loader.views.new >/dev/null
ifdef QUICK
	.venv-peers/bin/python -m benchmarks.speed compare .bench --runs 3 --rounds 3
	.venv-peers/bin/python -m benchmarks.speed commands .bench --size ten --size everyday --rounds 2
else
	.venv-peers/bin/python -m benchmarks.speed compare .bench
	.venv-peers/bin/python -m benchmarks.speed commands .bench
	.venv-peers/bin/python -m benchmarks.speed schemas .bench
endif

soak: $(test_env)/ready .venv-test-lake/ready .venv-test-spark/ready
	$(MAKE) fuzz SECONDS=600
	$(test_env)/bin/pytest -n 2 --max-worker-restart 0 -o faulthandler_timeout=7200 -m "soak and not lake and not spark"
	.venv-test-lake/bin/pytest -n 2 --max-worker-restart 0 -o faulthandler_timeout=7200 -m "soak and lake"
	LAKE=postgres .venv-test-lake/bin/pytest $(at_once) -m both
	LAKE=file .venv-test-lake/bin/pytest $(at_once) -m both
	.venv-test-spark/bin/pytest -m "soak and spark"
	$(test_env)/bin/python -m benchmarks.speed scale .bench

fuzz: .fuzz/parser
	@mkdir -p .fuzz/found
	.fuzz/parser -max_total_time=$(SECONDS) -max_len=8192 -timeout=5 -rss_limit_mb=512 -print_final_stats=1 -verbosity=0 .fuzz/found tests/fuzz_seeds

.fuzz/parser: tests/fuzz_parser.cpp loader/files/scores/parser.cpp
	@command -v clang++ >/dev/null || { $(is_root) && $(apt_install) clang libclang-rt-dev >/dev/null; }
	@mkdir -p $(@D)
	clang++ -std=c++17 -g -O1 -Wall -Wextra -Werror -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -o $@ $<

lint: $(test_env)/ready
	$(test_env)/bin/ruff format --check .
	$(test_env)/bin/ruff check .
	$(test_env)/bin/mypy

clean:
	rm -rf .venv .venv-test* .venv-peers .bench .fuzz demo loader/files/scores/*.so

.venv/ready: packages := --editable .
$(test_env)/ready: packages := --editable . --group test
.venv-test-spark/ready: packages := --editable . --group spark
.venv-peers/ready: packages := --editable . --group peers
.venv-test-lake/ready: packages := --editable .[lake] --group lake
# What moto rests on takes no newer python-dateutil.
.venv-test-lake/ready: pins := sed 's/^duckdb==.*/duckdb==1.5.5/; s/^python-dateutil==.*/python-dateutil==2.9.0.post0/'
.venv-test-duckdb-$(DUCKDB)/ready: pins := sed 's/^duckdb==.*/duckdb==$(DUCKDB)/'

# An environment: the project as it stands in this folder, and what it is pinned to.
.venv/ready $(test_env)/ready .venv-test-lake/ready .venv-test-spark/ready .venv-peers/ready: pyproject.toml constraints.txt hatch_build.py loader/files/scores/parser.cpp
	$(create_environment)
	@command -v c++ >/dev/null || { $(is_root) && $(apt_install) g++ >/dev/null; } \
	|| echo "No C++ compiler, so scores will be read in Python, several times slower: ask for the package g++" >&2
	@echo "Installing into $(@D) ..." >&2
	@$(pins) constraints.txt > $(@D)/constraints.txt
	@$(pip_install) pip
	@$(pip_install) --build-constraint $(@D)/constraints.txt $(packages)
	@touch $@

# Debian keeps what venv needs in a package of its own.
define create_environment
@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("$(PYTHON) is Python %d.%d, wanted 3.11 or newer: make PYTHON=python3.12 ..." % sys.version_info[:2])'
@package=$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
$(PYTHON) -c 'import ensurepip' 2>/dev/null || { $(is_root) && $(apt_install) $$package >/dev/null; } || \
{ echo "$(PYTHON) cannot make virtual environments: ask for the package $$package" >&2; exit 1; }
@$(PYTHON) -m venv $(@D)
endef

# Without its dependencies: most of them (vllm, bitsandbytes, ...) serve to make scores, not to read them.
.venv-peers/delphi: .venv-peers/ready
	@$(pip_install) --no-deps eai-delphi
	@touch $@

# A browser for the PDFs: one that is there already, else Debian's and a font, else the one that plotly fetches.
# Where none of them draws, nothing is stamped, so that the next run looks again.
%/chrome: %/ready
	@if $(draws_pdf) \
	|| { $(is_root) && $(apt_install) chromium fonts-dejavu-core >/dev/null && $(draws_pdf); } \
	|| { $(@D)/bin/plotly_get_chrome -y >/dev/null 2>&1 && $(draws_pdf); }; \
	then touch $@; \
	else echo "No Chrome that can draw PDFs, so there will be none: ask for the package chromium" >&2; \
	fi
