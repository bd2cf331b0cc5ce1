# The commands of this repository; `make help` lists them.
# Set-up messages go to standard error, so that what is piped from `make run` is the kiosk's alone.

.PHONY: help run test check evaluate bench pins screenshots set-up soak faults fuzz load sbom
ARGS ?=
BIN := .venv/bin
PIN := uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --custom-compile-command "make pins"

help:
	@echo "make run [ARGS=--text]   set up what is missing, then start the kiosk"
	@echo "make test [ARGS=-x]      set up what is missing, then run the checks and all tests"
	@echo "make check               the checks alone: ruff, mypy, import-linter"
	@echo "make evaluate [ARGS=...] measure how well it understands: --text, --speech, --growth, --quick"
	@echo "make bench [ARGS=--quick] measure how quick it is and what it costs, beside others"
	@echo "make soak [ARGS=...]     5,000 spoken questions in one process: memory, threads, outcomes"
	@echo "make faults              sound, voice and service fail on purpose: what is seen, how soon all is well"
	@echo "make load                200 pages, and clients that send garbage, while a patient asks"
	@echo "make fuzz [ARGS=...]     what is no question, no sound, no wish and no file"
	@echo "make sbom                list what the kiosk is made of, for docs/ (needs a network)"
	@echo "make screenshots         take the pictures of the page in docs/screens/ anew"
	@echo "make pins                choose the newest Python packages anew (needs uv and a network)"

run:
	@sh scripts/setup.sh run
	@$(BIN)/kiosk run $(ARGS)

# What is heard and spoken runs in real time, so by itself; all else on two processors.
test: check
	@$(BIN)/pytest -m sound $(ARGS)
	@$(BIN)/pytest -m "not sound" --numprocesses 2 --dist loadfile $(ARGS)

check: set-up
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

evaluate:
	@sh scripts/setup.sh evaluate
	@$(BIN)/python -m evaluation $(ARGS)

bench:
	@sh scripts/setup.sh evaluate
	@$(BIN)/python -m bench $(ARGS)

soak: set-up
	@$(BIN)/python -m reliability soak $(ARGS)

faults: set-up
	@$(BIN)/python -m tests.sound.faults
	@$(BIN)/python -m tests.service.faults

load: set-up
	@$(BIN)/python -m reliability load $(ARGS)

fuzz: set-up
	@$(BIN)/python -m reliability fuzz $(ARGS)

sbom:
	@sh scripts/supply.sh

screenshots: set-up
	@$(BIN)/python -m tests.screen.screenshots

set-up:
	@sh scripts/setup.sh test

pins:
	@$(PIN) --upgrade pyproject.toml requirements/build.in -o requirements/runtime.txt
	@$(PIN) --upgrade pyproject.toml requirements/build.in --extra test \
		-c requirements/runtime.txt -o requirements/dev.txt
	@$(PIN) --upgrade pyproject.toml requirements/build.in --extra test --extra evaluate \
		-c requirements/dev.txt -o requirements/evaluate.txt
	@$(PIN) --upgrade requirements/supply.in -o requirements/supply.txt
