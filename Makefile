# make demo        one observed MLP through every level, to gradients that agree with LibTorch's
# make deps test   install what the tests want, then test
# make test        at most 5 minutes on two cores; announces what it skips
# make check       all but the long ones, at most 30 minutes
# make cladtorch   the C++ library for LibTorch and its tests (also part of make check)
# make cladtorch-pip   the same against LibTorch 2.x, from PyPI's torch; some gigabytes, so not in CI
# make doc         writes the reference pages of docs/
# make soak        fuzzing and mutation, as long as you let it; make cladtorch-soak, random programs in C++
GO      ?= go
PKGS    := ./...
FUZZ    ?= 60s

.PHONY: all demo deps test check soak bench lint doc clean cladtorch cladtorch-pip cladtorch-soak cladtorch-sanitize

all: build/cladopt

build/cladopt: FORCE
	$(GO) build -o $@ ./cmd/cladopt

.PHONY: FORCE
FORCE:

demo:
	@$(GO) run ./examples/demo

deps:
	@scripts/deps.sh

test: lint build/cladopt
	@scripts/test.sh
	@scripts/compare-lit.sh

check: test
	@scripts/cladtorch.sh
	CLADOPT_LONG=1 $(GO) test -count=1 -timeout 25m $(PKGS)
	@scripts/fuzz.sh $(FUZZ)

soak:
	$(GO) test -count=1 -timeout 0 ./lit/filecheck -filecheck.pairs=20000
	CLADOPT_LONG=1 CLADOPT_SOAK=1 $(GO) test -count=1 -timeout 0 $(PKGS)
	@scripts/fuzz.sh 10m

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./bench/...

# Against the system's LibTorch; CLADTORCH_TORCH_ROOT=DIR takes another, such as the torch package of Python.
cladtorch:
	@CLADTORCH_REQUIRED=1 scripts/cladtorch.sh

# Installs torch into build/torch; CLADTORCH_VENV=DIR is an environment that has it, CLADTORCH_TORCH=torch==2.9.0 another version.
cladtorch-pip:
	@root=$$(scripts/pip-torch.sh) && CLADTORCH_REQUIRED=1 CLADTORCH_TORCH_ROOT="$$root" scripts/cladtorch.sh

# 1,000 random programs, 8 threads of 10,000 calls, the observed graphs in all layouts and precisions.
cladtorch-soak:
	@CLADTORCH_REQUIRED=1 CLADTORCH_LONG=1 CLADTORCH_PROGRAMS=1000 scripts/cladtorch.sh

cladtorch-sanitize:
	@CLADTORCH_REQUIRED=1 scripts/cladtorch.sh address,undefined
	@CLADTORCH_REQUIRED=1 scripts/cladtorch.sh thread

lint:
	@test -z "$$(gofmt -l .)" || { echo "gofmt wants changes in:"; gofmt -l .; exit 1; }
	$(GO) vet $(PKGS)
	$(GO) -C examples/out-of-tree vet ./...
	@if command -v clang-format-16 >/dev/null 2>&1; then git ls-files 'clad/cladtorch/*.cpp' 'clad/cladtorch/*.h' | xargs clang-format-16 --dry-run -Werror; \
	 else echo "SKIPPED: clang-format-16 is not installed (make deps installs it)"; fi
	@if command -v staticcheck >/dev/null 2>&1; then staticcheck $(PKGS); \
	 elif [ -x "$$($(GO) env GOPATH)/bin/staticcheck" ]; then "$$($(GO) env GOPATH)/bin/staticcheck" $(PKGS); \
	 else echo "SKIPPED: staticcheck is not installed (make deps installs it)"; fi

doc: build/cladopt
	build/cladopt doc docs

clean:
	rm -rf build
