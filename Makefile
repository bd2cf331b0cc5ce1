# The commands of this repository; `make help` lists them.
# Set-up messages go to standard error, so that what is piped from `make run` is the kiosk's alone.

.PHONY: help run test check evaluate bench pins screenshots set-up
ARGS ?=
BIN := .venv/bin
PIN := uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --custom-compile-command "make pins"

help:
	@echo "make run [ARGS=--text]   set up what is missing, then start the kiosk"
	@echo "make test [ARGS=-x]      set up what is missing, then run the checks and all tests"
	@echo "make check               the checks alone: ruff, mypy, import-linter"
	@echo "make evaluate [ARGS=...] measure how well it understands: --text, --speech, --growth, --quick"
	@echo "make bench [ARGS=--quick] measure how quick it is and what it costs, beside others"
	@echo "make screenshots         take the pictures of the page in docs/screens/ anew"
	@echo "make pins                choose the newest Python packages anew (needs uv and a network)"

run:
	@sh scripts/setup.sh run
	@$(BIN)/kiosk run $(ARGS)

test: check
	@$(BIN)/pytest $(ARGS)

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
