# The commands of the house. `make run` and `make test` need nothing but Debian 12 with Python 3.11 and make.
SHELL := /bin/bash
PYTHON := .venv/bin/python
# A development machine unless the environment says otherwise; production sets DEBUG=0 (see docker-compose.yml).
export DEBUG ?= 1
# pytest's processes: one more than there are cores, since some wait for what they started.
# ARGS passes more, as in: make test ARGS="tests/clauses -x".
PROCESSES ?= $(shell echo $$(($$(nproc) + 1)))
ARGS ?=
# A database of this name is made for a bench that fills its own on the local PostgreSQL server, and dropped afterwards.
BENCH_DATABASE ?= four_bench

.PHONY: help setup run demo backup restore test lint bench bench-pages bench-scope bench-history bench-backup bench-dashboard bench-profile bench-crowd bench-reminders bench-reports bench-imports bench-paper screenshots

help:
	@echo "make run    install what is missing, load the demo university once, serve on http://127.0.0.1:8000 (PORT=...)"
	@echo "make demo   reset the demo data after asking (YES=1 does not ask)"
	@echo "make backup [TO=folder]   database and files into one verified archive, also while it runs"
	@echo "make restore FILE=archive   into an empty installation; stop it first"
	@echo "make test   the whole test suite, Chromium included (ARGS=...)"
	@echo "make lint   ruff, djLint, import contract, migrations, production checks"
	@echo "make bench  every bench below, on SQLite and a PostgreSQL of this machine; an hour and more"
	@echo "make bench-pages ENGINE=postgresql  every list against a frozen anchor and Django's own, at two sizes (ARGS=--duties 100000 ...)"
	@echo "make bench-scope ENGINE=postgresql  what it costs that everybody sees his own part of the tree (ARGS=--duties 100000 ...)"
	@echo "make bench-dashboard ENGINE=postgresql  the matrix of a year against a rollup table, the page against the anchor (ARGS=--duties 100000 ...)"
	@echo "make bench-crowd  300 people at once on two processes and PostgreSQL (REDIS_URL=..., ARGS=--users 300 --think 30 ...)"
	@echo "make bench-history ENGINE=postgresql  what it costs that every row keeps its history (ARGS=--duties 100000 ...)"
	@echo "make bench-backup ENGINE=postgresql  a backup while somebody writes, against cp or pg_dump (ARGS=--duties 100000 ...)"
	@echo "make bench-profile ENGINE=postgresql  where the time of each list goes (ARGS=ledger --calls 25 ...)"
	@echo "make bench-imports ENGINE=postgresql  a ledger of 10,000 measures against openpyxl's bare reading (ARGS=--rounds 3 ...)"
	@echo "make bench-reminders ENGINE=postgresql  the sweep of reminders against its floor (ARGS=--duties 100000 ...)"
	@echo "make bench-reports  reports against WeasyPrint alone, memory of a worker, two workers against one (ARGS=--batch-rounds 1 ...)"
	@echo "make bench-paper  the annual report on paper against Chromium printing the same HTML (ARGS=--rounds 3 ...)"
	@echo "make screenshots  redraw docs/screenshots from a running demo (PORT=..., DEMO_PASSWORD=...)"
	@echo "make setup  only install"

setup:
	@config/setup.sh

run: setup
	@$(PYTHON) config/serve.py --check-port
	@$(PYTHON) manage.py migrate --no-input --verbosity 0
	@$(PYTHON) manage.py load_demo --once
	@exec $(PYTHON) config/serve.py

demo: setup
	@$(PYTHON) manage.py migrate --no-input --verbosity 0
	@$(PYTHON) manage.py load_demo --reset

# Where `make backup` puts archives.
TO ?= var/backups

backup: setup
	@mkdir -p -m 700 $(TO)
	@$(PYTHON) manage.py backup $(TO)

restore: setup
	@$(PYTHON) manage.py restore $(if $(FILE),"$(FILE)",$(error FILE=… names the archive))

test:
	@config/setup.sh test
	$(PYTHON) -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

# Databases are made at the first run and kept: below var/bench, and as four_bench_… on the PostgreSQL server.
ENGINE ?= sqlite
ENGINES := sqlite postgresql

bench:
	@for engine in $(ENGINES); do for goal in pages scope history backup dashboard reminders imports; do $(MAKE) bench-$$goal ENGINE=$$engine || exit; done; done
	@$(MAKE) bench-crowd bench-reports bench-paper

bench-pages bench-scope bench-history bench-backup bench-dashboard bench-profile bench-reminders bench-imports: bench-%:
	@config/setup.sh test
	@$(PYTHON) -m bench.$* --engine $(ENGINE) $(ARGS)

bench-crowd:
	@config/setup.sh test
	@$(PYTHON) -m bench.crowd $(ARGS)

bench-reports:
	@config/setup.sh test
	@createdb $(BENCH_DATABASE)
	@DATABASE_URL=postgres:///$(BENCH_DATABASE) $(PYTHON) -m bench.reports $(ARGS); done=$$?; dropdb $(BENCH_DATABASE); exit $$done

bench-paper:
	@config/setup.sh test
	@$(PYTHON) -m bench.paper $(ARGS)

screenshots:
	@config/setup.sh test
	$(PYTHON) docs/screenshots.py http://127.0.0.1:$(or $(PORT),8000) "$${DEMO_PASSWORD:-$$(cat var/demo-password)}"

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/djlint templates --lint --quiet
	.venv/bin/lint-imports
	$(PYTHON) manage.py makemigrations --check --dry-run
	DEBUG=0 SECRET_KEY="$$($(PYTHON) -c "import secrets; print(secrets.token_hex(40))")" ALLOWED_HOSTS=example.edu.cn \
		$(PYTHON) manage.py check --deploy --fail-level WARNING
