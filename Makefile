# make run      installs what is missing, builds, and trains a network on handwritten digits
# make test     all tests
# make build    bin/jxc, optimised, with LLVM, OpenBLAS and Swift's library linked in
# make deps     the system packages: Debian 12 or newer, Ubuntu 24.04 or newer
# make install  copies bin/jxc to PREFIX/bin
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

.PHONY: build run test bench deps install clean

build: $(DEPS) $(ARCHIVES)/made
	@stdlib/embed.sh
	@swift build -c release --product jxc $(LINK)
	@mkdir -p bin
	@ln -sf "$$(swift build -c release --show-bin-path)/jxc" bin/jxc

run: build
	@bin/jxc run examples/digits.jx

test: build
	@python3 Tests/run.py --jxc bin/jxc

bench: build
	@bench/run.py --jxc bin/jxc

deps:
	@.ci/deps

# The folder is remade when a newer LLVM or OpenBLAS has been installed.
$(ARCHIVES)/made: Makefile $(wildcard $(LLVM)/lib/libLLVMCore.a) | $(DEPS)
	@rm -rf $(ARCHIVES) && mkdir -p $(ARCHIVES)
	@echo "GROUP($$(ls $(LLVM)/lib/libLLVM*.a | tr '\n' ' ') -lz -lzstd)" > $(ARCHIVES)/libLLVM-19.a
	@for name in openblas stdc++ z zstd; do \
	  ln -s "$$(realpath "$$(g++ -print-file-name=lib$$name.a)")" $(ARCHIVES)/lib$$name.a; done
	@touch $@

install: build
	install -D -s bin/jxc $(DESTDIR)$(PREFIX)/bin/jxc

clean:
	rm -rf .build bin
