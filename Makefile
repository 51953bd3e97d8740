# make run      installs what is missing, builds, and trains a network on handwritten digits
# make test     all tests
# make build    bin/jxc, optimised, with LLVM, OpenBLAS and Swift's library linked in, and
#               bin/libjxrt.a, what some functions compiled ahead of time call
# make deps     the system packages: Debian 12 or newer, Ubuntu 24.04 or newer
# make deps-gpu NVIDIA's assembler from PyPI, into .deps: only a test of the PTX uses it
# make install  copies them to PREFIX/bin and PREFIX/lib
# make gpu-bundle  gpu-bundle.tar.gz: checks and measures the kernels where there is an NVIDIA GPU
# make clean

LLVM   := /usr/lib/llvm-19
PREFIX := /usr/local
# Empty: the system packages are there, do not look.
DEPS   := deps

# A folder that the linker searches first. In it `-lLLVM-19` and its like are archives, where a
# plain `swift build` finds shared libraries: jxc then starts in 3 ms instead of 13, and runs where
# neither is installed.
ARCHIVES := .build/archives
LINK     := --static-swift-stdlib -Xlinker -L$(CURDIR)/$(ARCHIVES) -Xlinker --as-needed \
  -Xlinker --gc-sections -Xswiftc -use-ld=lld -Xswiftc -Xclang-linker -Xswiftc -no-pie

.PHONY: build run test bench deps deps-gpu install clean gpu-bundle

build: $(DEPS) $(ARCHIVES)/made
	@stdlib/embed.sh
	@swift build -c release --product jxc $(LINK)
	@swift build -c release --product jxrt $(LINK)
	@strip --strip-debug "$$(swift build -c release --show-bin-path)/libjxrt.a"
	@mkdir -p bin
	@for file in jxc libjxrt.a; do \
	  ln -sf "$$(swift build -c release --show-bin-path)/$$file" bin/$$file; done

run: build
	@bin/jxc run examples/digits.jx

test: build
	@python3 Tests/run.py --jxc bin/jxc

bench: build
	@bench/run.py --jxc bin/jxc
	@bench/limits.py --jxc bin/jxc

deps:
	@.ci/deps

deps-gpu: .deps/nvidia/cuda_nvcc/bin/ptxas

.deps/nvidia/cuda_nvcc/bin/ptxas:
	@python3 -m pip install -q --no-deps --target .deps nvidia-cuda-nvcc-cu12

# The folder is remade when a newer LLVM or OpenBLAS has been installed.
$(ARCHIVES)/made: Makefile $(wildcard $(LLVM)/lib/libLLVMCore.a) | $(DEPS)
	@rm -rf $(ARCHIVES) && mkdir -p $(ARCHIVES)
	@echo "GROUP($$(ls $(LLVM)/lib/libLLVM*.a | tr '\n' ' ') -lz -lzstd)" > $(ARCHIVES)/libLLVM-19.a
	@for name in openblas stdc++ z zstd; do \
	  ln -s "$$(realpath "$$(g++ -print-file-name=lib$$name.a)")" $(ARCHIVES)/lib$$name.a; done
	@touch $@

gpu-bundle: build
	@bench/gpu/bundle.py --jxc bin/jxc --output gpu-bundle.tar.gz

install: build
	install -D -s bin/jxc $(DESTDIR)$(PREFIX)/bin/jxc
	install -D -m 644 bin/libjxrt.a $(DESTDIR)$(PREFIX)/lib/libjxrt.a

clean:
	rm -rf .build .deps bin
