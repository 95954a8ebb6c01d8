# SPDX-License-Identifier: MIT
#
# Iris: the one Makefile. Non-recursive; everything it makes goes to build/ (and newlib, built once,
# to ~/.cache/iris). `make help` lists what it can do; the texts stand beside the targets.
#
# Two builds live side by side: build/debug (assertions, -O1) and build/release (-O2). A folder with
# *.c or *.asm files dropped into examples/, programs/, servers/, drivers/ or tests/user/ becomes a
# program of that name by itself; an *.idl file there becomes a header NAME.h.

VERSION := $(shell cat VERSION)
SDK := build/iris-sdk-$(VERSION).tar.gz
V ?= release
EMU ?= qemu
MEM ?= 128
JOBS ?= 2
PYTHON := /usr/bin/python3
CC := gcc
MODES := debug release

MAKEFLAGS += --no-builtin-rules --no-builtin-variables -j$(JOBS)
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all
ifeq ($(filter $(V),$(MODES)),)
$(error V=$(V): there are V=debug and V=release)
endif

ifdef VERBOSE
  say = @echo "  $1	$2"; set -x;
else
  say = @printf '  %-5s %s\n' '$1' '$2';
endif

# ---- Sources ------------------------------------------------------------------------------------

sources = $(sort $(foreach x,c S asm,$(wildcard $1/*.$x)))
objects = $(patsubst %,build/$1/obj/%.o,$(basename $2))

KERNEL_C := $(filter-out %/offsets.c,$(wildcard kernel/*.c kernel/arch/ia32/*.c))
KERNEL_SOURCES := $(sort $(KERNEL_C) $(wildcard kernel/arch/ia32/*.asm boot/*.asm))
MAN_EXAMPLES := tools/man_example.py $(wildcard docs/man/examples/*.c)
IDLC := $(filter-out %/__pycache__,$(wildcard tools/idlc/*.py tools/idlc/*/*))
ABIGEN := $(firstword $(wildcard tools/abigen.py tools/abigen/abigen.py))
VDSO_SOURCES := $(call sources,vdso)
LIBIRIS_SOURCES := $(call sources,servers/lib)
LIBC_SOURCES := $(filter-out libc/crt0.%,$(call sources,libc) $(call sources,libc/*))
ifneq ($(words $(LIBC_SOURCES)),$(words $(sort $(notdir $(basename $(LIBC_SOURCES))))))
$(error two files of the C library have the same name: ar would lose one)
endif
NEWLIB_PARTS := collcmp dirname fnmatch glob regcomp regerror regexec regfree
LIBC_OBJECTS = $(call objects,$1,$(LIBC_SOURCES)) $(NEWLIB_PARTS:%=build/$1/obj/newlib/%.o)
START_SOURCES := $(filter libc/crt0.%,$(call sources,libc))
TESTLIB_SOURCES := $(call sources,tests/user/lib)
COMMANDLIB_SOURCES := $(call sources,programs/lib)

FOLDERS := $(patsubst %/,%,$(filter-out %/lib/,$(wildcard $(addsuffix /*/,\
             servers drivers programs examples tests/user)))) tests/posix
FOLDERS := $(foreach f,$(FOLDERS),$(if $(call sources,$f),$f))
PROGRAMS := $(notdir $(FOLDERS))
USER_PROGRAMS := $(notdir $(filter-out tests/%,$(FOLDERS)))
ifneq ($(words $(PROGRAMS)),$(words $(sort $(PROGRAMS))))
$(error two folders would make the same program: $(sort $(FOLDERS)))
endif
IDL := $(sort $(wildcard $(foreach d,servers drivers libc examples tests,\
         $d/*.idl $d/*/*.idl $d/*/*/*.idl)))

# ---- Flags --------------------------------------------------------------------------------------

# Asked for once, and only when a recipe needs it: on a bare machine tools/setup runs first.
once = $(eval $1 := $(shell $2))$($1)
GCC_INCLUDE = $(call once,GCC_INCLUDE,$(CC) -m32 -print-file-name=include)
LIBGCC = $(call once,LIBGCC,$(CC) -m32 -print-libgcc-file-name)

debug_FLAGS := -O1 -g -DDEBUG=1
debug_KERNEL :=
release_FLAGS := -O2 -g
release_KERNEL := -Os -flto -frandom-seed=iris -momit-leaf-frame-pointer
HOT := ipc sched port tree arch/ia32/trap arch/ia32/switch
$(HOT:%=build/release/obj/kernel/%.o): release_KERNEL := -O2 -fno-align-jumps -fno-align-loops \
  -fno-align-labels -flto -frandom-seed=iris -momit-leaf-frame-pointer
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
MACHINE := -m32 -march=i686 -fno-stack-protector -fno-omit-frame-pointer -fcf-protection=none
COMMON = $(MACHINE) -std=gnu11 -nostdinc -isystem $(GCC_INCLUDE) \
  -ffile-prefix-map=$(CURDIR)=. $(WARNINGS) -Werror
KERNEL_FLAGS = $(COMMON) -ffreestanding -fno-pic -fno-pie -mgeneral-regs-only \
  -fno-asynchronous-unwind-tables -DIRIS_VERSION='"$(VERSION)"' -Ikernel -Ikernel/include \
  -Ikernel/arch/ia32
NOT_LINUX := $(addprefix -U,__linux__ __linux linux __gnu_linux__ __unix__ __unix unix) -D__iris__=1
# What makes a program of a C source one of Iris: for those built here and, by the SDK, elsewhere.
USER_TARGET := $(NOT_LINUX) -mno-sse -mno-mmx -mfpmath=387 \
  -mno-omit-leaf-frame-pointer -mno-tls-direct-seg-refs -ffunction-sections -fdata-sections
PROGRAM_TARGET := -fno-pic -fno-pie -fno-plt -fno-asynchronous-unwind-tables
PROGRAM_LINK := -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 \
  -Wl,-z,now -Wl,-z,norelro -Wl,--gc-sections -Wl,--hash-style=gnu -Wl,--no-dynamic-linker
USER_COMMON = $(COMMON) $(USER_TARGET) -Ilibc/include -Iservers/lib -Iprograms/lib \
  -Ikernel/include -isystem build/newlib/include
USER_FLAGS = $(USER_COMMON) $(PROGRAM_TARGET)
VDSO_FLAGS = $(USER_COMMON) -O2 -fpic -fvisibility=hidden -fasynchronous-unwind-tables \
  -ffreestanding
NASM_FLAGS := -f elf32 -g -F dwarf -w+error -Ikernel/arch/ia32/ -Iboot/ -Ivdso/ -Ilibc/start/
DEPENDENCIES = -MMD -MP -MF $(@:.o=.d)
LINK := $(CC) -m32 -nostdlib -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,max-page-size=4096
LINK_KERNEL := $(LINK) -static -no-pie -Wl,-z,norelro -Wl,--no-warn-rwx-segments \
  -Wl,--no-warn-execstack
LINK_VDSO := $(LINK) -shared -Wl,-soname,iris-vdso.so.1 -Wl,--hash-style=gnu -Wl,--eh-frame-hdr \
  -Wl,-Bsymbolic -Wl,-z,defs -Wl,-z,text
LINK_USER := $(CC) -m32 -nostdlib $(PROGRAM_LINK) -Wl,-T,libc/program.ld

# ---- What to make -------------------------------------------------------------------------------

all: build/$(V)/iris.iso  ## build the boot image of V (this is the default)

both: $(foreach m,$(MODES),build/$m/iris.iso build/$m/test.iso)  ## build debug and release

setup: build/setup.stamp  ## install the Debian packages that are missing (run and test do this too)

RUN = tools/run.py --image build/$(V)/iris.iso --emulator $(EMU) --memory $(MEM) \
  --append "$(CMDLINE)" $(if $(SCREEN),--screen "$(SCREEN)") $(RUN_PROGRAM)
ifneq ($(filter %.c,$(PROG)),)
  RUN_PROGRAM = --program build/$(V)/run/$(basename $(notdir $(PROG)))
  RUN_NEEDS = build/$(V)/run/$(basename $(notdir $(PROG)))
endif

run: build/$(V)/iris.iso $(RUN_NEEDS)  ## boot on this terminal; Ctrl-A X or `shutdown` ends it
	@$(PYTHON) $(RUN)

qemu-gdb: build/debug/iris.iso  ## start gdb on QEMU, stopped in main of PROG=hello (or at boot)
	@$(PYTHON) tools/gdb.py --build build/debug --memory $(MEM) --append "$(CMDLINE)" $(PROG)

sym: all  ## name ADDR=0x... of the kernel, the vDSO or (with PROG=hello) a program
	@$(PYTHON) tools/sym.py --build build/$(V) $(if $(PROG),--program $(PROG)) $(ADDR)

PYTEST = PYTHONPATH=harness PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m pytest -p iris_harness.plugin \
  -o junit_family=xunit2
TEST_FOLDERS := $(wildcard tests/tools harness/tests tests/host tests/models tests/posix tests/scenarios)
HOST_TESTS := $(patsubst tests/host/%.c,build/test/host/%,$(wildcard tests/host/*.c)) \
  build/test/host/shell

SEED ?= 20261120
test: both $(HOST_TESTS) build/test/posix $(SDK)  ## run all tests in QEMU and Bochs; K=expression selects some, SEED= new random ones
	@mkdir -p build/test
	@$(PYTEST) -n $(JOBS) --dist=loadscope --emulator=qemu,bochs --junitxml=build/test/junit.xml \
	  $(if $(K),-k "$(K)") $(if $(SEED),--seed=$(SEED)) $(PYTEST_FLAGS) $(TEST_FOLDERS)

# Guests are silent for longer than tests usually bear.
soak:  ## run the tests with full round counts, all of them in both emulators: takes hours; K= SEED=
	@$(MAKE) --no-print-directory test PYTEST_FLAGS="--soak --base-timeout=600 $(PYTEST_FLAGS)"

bench: build/release/test.iso build/release/iris.iso  ## measure, compare with the record: build/bench/report.html; EXPECTED=update
	@$(if $(K),,rm -f build/bench/results.jsonl)
	@$(PYTEST) -q -s $(if $(K),-k "$(K)") --expected=$(or $(EXPECTED),check) $(PYTEST_FLAGS) tests/bench

.PHONY: models
models: | build/setup.stamp  ## verify the Promela models of IPC and dispatcher, and their mutants
	@$(PYTHON) tools/models.py --jobs $(JOBS)

mutants: build/debug/test.iso  ## break the kernel on purpose: each bug must fail its test; MUTANT=name
	@$(PYTHON) tools/mutants.py --jobs $(JOBS) $(MUTANT)

trace: build/$(V)/iris.iso  ## draw the messages of a command: build/trace/index.html; CMD=ls
	@$(PYTHON) tools/trace_page.py --image $< --out build/trace $(CMD)

check: build/debug/gen/abi.stamp  ## check formatting, cppcheck, layers, licences, one-list rules
	@$(PYTHON) tools/check/check.py

coverage: both  ## kernel lines and branches no test reaches: build/coverage/
	@$(PYTHON) tools/coverage/coverage.py --build build/debug --output build/coverage -- \
	  env $(PYTEST) -n $(JOBS) --dist=loadscope $(if $(K),-k "$(K)") $(PYTEST_FLAGS) tests/scenarios

format:  ## format all C sources in place
	@git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i


ports: $(SDK)  ## fetch, build with the SDK and boot Lua, SQLite and others (PORTS="lua zlib": some)
	@$(PYTHON) tools/ports/ports.py --sdk $(SDK) --build build/ports $(PORTS)
	@$(PYTEST) --emulator=qemu,bochs --iris-image=build/ports/ports.iso $(PYTEST_FLAGS) tests/ports

sdk: $(SDK)  ## pack the SDK for other people's programs: build/iris-sdk-VERSION.tar.gz

size: build/release/iris.elf  ## show the sizes of the release kernel's sections
	@size -A -d $< | grep -v ' 0$$'

clean:  ## remove build/ (the newlib in ~/.cache/iris stays)
	rm -rf build

help:  ## show this list
	@echo "Iris $(VERSION). Targets:"
	@awk -F ':.*  ## ' '/^[a-z-]+:.*  ## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo "Variables:"
	@awk -F '#@ ' '/^#@ / { print "  " $$2 }' Makefile
#@ V=debug|release     which build (default: release; tests use both)
#@ EMU=qemu|bochs      emulator for run
#@ SCREEN=gtk          for run: the machine's own screen and keyboard, too (sdl curses vnc=:1; Bochs: x sdl2 term)
#@ PROG=my.c           for run: build this C file and put it at the prompt
#@ CMDLINE="..."       words added to the kernel command line (fastpath=off door=gate ...)
#@ MEM=128             megabytes of memory for run
#@ K=expression        for test and bench: pytest -k
#@ EXPECTED=update     for bench: rewrite tests/bench/expected.json instead of comparing with it
#@ CMD="ls /bin"       for trace: the command to run
#@ MUTANT="fast-*"     for mutants: which ones (default: all)
#@ VERBOSE=1           show the commands

.PHONY: all both setup run qemu-gdb sym test soak bench mutants trace check coverage format ports sdk size clean help FORCE

# ---- Before anything: packages and newlib -------------------------------------------------------

build/setup.stamp: tools/setup
	@tools/setup
	@mkdir -p $(@D) && touch $@

build/newlib.stamp: libc/build.sh $(wildcard libc/*.patch) | build/setup.stamp
	@prefix=$$(libc/build.sh | tail -n 1) && ln -sfnT "$$prefix" build/newlib && touch $@

# ---- The rules of one build (debug or release) --------------------------------------------------

define mode_rules
# Generated from the list of calls: headers, dispatch table, vDSO stubs, version map, manual pages.
build/$1/gen/abi.stamp: $(wildcard tools/abigen.py tools/abigen/* kernel/abi/*) $(MAN_EXAMPLES) | build/setup.stamp
	$$(call say,GEN,$$@)mkdir -p $$(@D) && $(PYTHON) $(ABIGEN) $$(@D) && touch $$@
build/$1/gen/vdso/stubs.S build/$1/gen/vdso/vdso.map: build/$1/gen/abi.stamp ;
build/$1/gen/include/iris/%.h build/$1/gen/kernel/%.h: build/$1/gen/abi.stamp ;

# NASM equates from C structures.
build/$1/gen/offsets.inc: kernel/arch/ia32/offsets.c Makefile | build/$1/gen/abi.stamp build/$1/gen/vdso_offsets.h
	$$(call say,GEN,$$@)$(CC) $$(KERNEL_FLAGS) $($1_FLAGS) -Ibuild/$1/gen/include -Ibuild/$1/gen \
	  -Ibuild/$1/gen/kernel -MMD -MP -MT $$@ -MF $$@.d -S -o $$@.s $$< && \
	  sed -n 's/^->\([A-Za-z0-9_]*\) \(.*\)/%define \1 \2/p' $$@.s > $$@

# Kernel. Of the processor's folder portable files use only what arch.h includes (make check).
build/$1/obj/kernel/%.o: kernel/%.c Makefile VERSION | build/$1/gen/abi.stamp \
  build/$1/gen/vdso_offsets.h
	$$(call say,CC,$$<)mkdir -p $$(@D) && $(CC) $$(KERNEL_FLAGS) $($1_FLAGS) $$($1_KERNEL) -Ibuild/$1/gen/include \
	  -Ibuild/$1/gen -Ibuild/$1/gen/kernel $$(DEPENDENCIES) -c -o $$@ $$<
$(call objects,$1,$(filter %.asm,$(KERNEL_SOURCES))): \
  | build/$1/gen/offsets.inc build/$1/gen/vdso_offsets.h
build/$1/kernel.elf: $(call objects,$1,$(KERNEL_SOURCES)) boot/kernel.ld tools/symtab.py
	$$(call say,LD,build/$1/iris.elf)$(PYTHON) tools/symtab.py --output $$@ -- $(LINK_KERNEL) $$(KERNEL_FLAGS) $$($1_KERNEL) \
	  -Wl,-T,boot/kernel.ld $$(filter %.o,$$^) $$(LIBGCC)
build/$1/iris.elf: build/$1/kernel.elf
	@cp $$< $$@
build/$1/bin/iris.elf: build/$1/iris.elf
	@mkdir -p $$(@D) && objcopy --strip-debug $$< $$@

# NASM 2.16.01's -MD forgets included files, so dependencies come from a run of their own.
build/$1/obj/%.o: %.asm Makefile | build/$1/gen/abi.stamp
	$$(call say,NASM,$$<)mkdir -p $$(@D) && \
	  nasm $(NASM_FLAGS) -I$$(<D)/ -Ibuild/$1/gen/ -Ibuild/$1/ -M -MP -MT $$@ $$< > $$(@:.o=.d) && \
	  nasm $(NASM_FLAGS) -I$$(<D)/ -Ibuild/$1/gen/ -Ibuild/$1/ -o $$@ $$<

# vDSO: linked with symbols for gdb, embedded and linked against without debug information.
build/$1/obj/vdso/%.o: vdso/%.c Makefile | build/$1/gen/abi.stamp build/newlib.stamp
	$$(call say,CC,$$<)mkdir -p $$(@D) && $(CC) $$(VDSO_FLAGS) -g -Ibuild/$1/gen/include \
	  -Ibuild/$1/gen $$(DEPENDENCIES) -c -o $$@ $$<
build/$1/obj/vdso/%.o: vdso/%.S Makefile | build/$1/gen/abi.stamp build/newlib.stamp
	$$(call say,AS,$$<)mkdir -p $$(@D) && $(CC) $$(VDSO_FLAGS) -g -Ibuild/$1/gen/include \
	  -Ibuild/$1/gen $$(DEPENDENCIES) -c -o $$@ $$<
build/$1/obj/vdso/stubs.o: build/$1/gen/vdso/stubs.S Makefile
	$$(call say,AS,$$<)mkdir -p $$(@D) && $(CC) $$(VDSO_FLAGS) -g -Ibuild/$1/gen/include \
	  $$(DEPENDENCIES) -c -o $$@ $$<
build/$1/iris-vdso.debug: $(call objects,$1,$(VDSO_SOURCES)) build/$1/obj/vdso/stubs.o \
  vdso/vdso.ld build/$1/gen/vdso/vdso.map
	$$(call say,LD,$$@)$(LINK_VDSO) -Wl,--version-script=build/$1/gen/vdso/vdso.map \
	  -Wl,-T,vdso/vdso.ld -o $$@ $$(filter %.o,$$^)
build/$1/iris-vdso.so.1: build/$1/iris-vdso.debug vdso/vdso.abi tools/vdso_check.py
	@objcopy --strip-debug $$< $$@ && $(PYTHON) tools/vdso_check.py $$@ vdso/vdso.abi
build/$1/gen/vdso_offsets.h: build/$1/iris-vdso.so.1 tools/vdso_offsets.py
	@$(PYTHON) tools/vdso_offsets.py $$< $$@ && touch $$@

# Interfaces, libraries, programs.
$(foreach i,$(IDL),$(call idl_rule,$1,$i))
USER_NEEDS_$1 := build/$1/gen/abi.stamp build/newlib.stamp \
  $(foreach i,$(IDL),build/$1/gen/idl/$(basename $(notdir $i)).h) build/$1/gen/idl/interfaces.h
# All interfaces and methods by name, for programs that show them.
build/$1/gen/idl/interfaces.h: $(filter servers/% drivers/% libc/%,$(IDL)) $(IDLC) | build/setup.stamp
	$$(call say,IDL,$$@)mkdir -p $$(@D) && \
	  $(PYTHON) tools/idlc/idlc.py --index $$@ $$(filter %.idl,$$^)
build/$1/obj/tests/user/%.o: private HERE = -Itests/user/lib
build/$1/obj/libc/%.o: private HERE = -Ilibc
build/$1/obj/%.o: %.c Makefile | $$(USER_NEEDS_$1)
	$$(call say,CC,$$<)mkdir -p $$(@D) && $(CC) $$(USER_FLAGS) $($1_FLAGS) -Ibuild/$1/gen/include \
	  -Ibuild/$1/gen/idl $$(HERE) $$(DEPENDENCIES) -c -o $$@ $$<
build/$1/obj/%.o: %.S Makefile | $$(USER_NEEDS_$1)
	$$(call say,AS,$$<)mkdir -p $$(@D) && $(CC) $$(USER_FLAGS) -g -Ibuild/$1/gen/include \
	  $$(DEPENDENCIES) -c -o $$@ $$<
build/$1/obj/idl/%.o: build/$1/gen/idl/%.h Makefile | $$(USER_NEEDS_$1)
	$$(call say,CC,build/$1/gen/idl/$$*.c)mkdir -p $$(@D) && $(CC) $$(USER_FLAGS) $($1_FLAGS) \
	  -Ibuild/$1/gen/include -Ibuild/$1/gen/idl $$(DEPENDENCIES) -c -o $$@ build/$1/gen/idl/$$*.c
build/$1/lib/libiris.a: $(call objects,$1,$(LIBIRIS_SOURCES)) \
  $(foreach i,$(IDL),build/$1/obj/idl/$(basename $(notdir $i)).o)
build/$1/obj/newlib/glob.o: private HERE = -Dglob=newlib_glob # libc/glob_posix.c has its name
build/$1/obj/newlib/%.o: libc/build.sh Makefile | $$(USER_NEEDS_$1)
	$$(call say,CC,newlib/$$*.c)mkdir -p $$(@D) && $(CC) $$(USER_FLAGS) $($1_FLAGS) -w -UDEBUG -D_GNU_SOURCE \
	  $$(HERE) -Ibuild/$1/gen/include -c -o $$@ build/newlib/src/$$*.c
build/$1/lib/libirisc.a: $(call LIBC_OBJECTS,$1)
build/$1/lib/libtest.a: $(call objects,$1,$(TESTLIB_SOURCES))
build/$1/lib/libcommand.a: $(call objects,$1,$(COMMANDLIB_SOURCES))
build/$1/lib/%.a:
	$$(call say,AR,$$@)mkdir -p $$(@D) && rm -f $$@ && ar rcsD $$@ $$^
LIBRARIES_$1 := build/$1/lib/libiris.a build/$1/lib/libirisc.a build/$1/iris-vdso.so.1
$(foreach f,$(FOLDERS),$(call program_rule,$1,$f))
build/$1/programs/%: $(call objects,$1,$(START_SOURCES)) $$(LIBRARIES_$1) libc/program.ld
	$$(call say,LD,$$@)mkdir -p $$(@D) && $(LINK_USER) -o $$@ $$(filter %.o,$$^) -Wl,--start-group \
	  $$(filter %.a,$$^) build/newlib/lib/libc.a build/newlib/lib/libm.a $$(LIBGCC) -Wl,--end-group \
	  build/$1/iris-vdso.so.1
build/$1/bin/%: build/$1/programs/%
	@mkdir -p $$(@D) && objcopy --strip-debug $$< $$@

# The first program as the kernel takes it.
build/$1/root.img: build/$1/bin/root tools/flat.py
	@$(PYTHON) tools/flat.py $$< $$@

# Boot archive and image. The list is made anew each time, so that a vanished folder is noticed.
build/$1/gen/man.stamp: $(wildcard docs/man/*.txt) $(MAN_EXAMPLES) tools/man_pages.py | build/$1/gen/abi.stamp
	$$(call say,MAN,$$@)$(PYTHON) tools/man_pages.py docs/man $$(@D)/man && touch $$@
$(call image_rules,$1,iris,$(USER_PROGRAMS))
$(call image_rules,$1,test,$(PROGRAMS))

# One C file of the user's own (make run PROG=my.c): warnings do not stop it.
build/$1/run/%.o: private COMMON += -Wno-error -Wno-missing-prototypes
build/$1/run/%.o: $(PROG) FORCE | $$(USER_NEEDS_$1)
	$$(call say,CC,$$<)mkdir -p $$(@D) && $(CC) $$(USER_FLAGS) $($1_FLAGS) -Ibuild/$1/gen/include \
	  -Ibuild/$1/gen/idl -c -o $$@ $$<
build/$1/run/%: build/$1/run/%.o $(call objects,$1,$(START_SOURCES)) $$(LIBRARIES_$1)
	$$(call say,LD,$$@)$(LINK_USER) -o $$@ $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) \
	  build/newlib/lib/libc.a build/newlib/lib/libm.a $$(LIBGCC) -Wl,--end-group \
	  build/$1/iris-vdso.so.1
endef

# iris.iso is for users; test.iso has the programs of tests/user and the scripts of the shell, too.
SHELL_SCRIPTS := $(wildcard tests/shell_scripts/*.sh)
define image_rules

build/$1/$2.list: build/$1/gen/abi.stamp build/$1/gen/man.stamp FORCE
	@{ for p in $(filter-out root,$3); do echo "bin/$$$$p=build/$1/bin/$$$$p"; done; \
	  for f in $$$$(cd build/$1/gen && find man -type f 2>/dev/null | sort); do \
	    echo "$$$$f=build/$1/gen/$$$$f"; done; \
	  for f in $(if $(filter test,$2),$(notdir $(SHELL_SCRIPTS))); do \
	    echo "bin/t_$$$$f=tests/shell_scripts/$$$$f"; done; \
	  for f in $(wildcard servers/root/boot.conf); do echo "boot.conf=$$$$f"; done; } > $$@.new; \
	  if cmp -s $$@.new $$@; then rm $$@.new; else mv $$@.new $$@; fi
build/$1/$2.tar: build/$1/$2.list build/$1/gen/man.stamp $(foreach p,$3,build/$1/bin/$p) \
  $(wildcard servers/root/boot.conf) $(SHELL_SCRIPTS) $(IMAGE)
	$$(call say,TAR,$$@)$(PYTHON) $(IMAGE) archive -o $$@ @build/$1/$2.list
build/$1/$2.iso: build/$1/bin/iris.elf build/$1/root.img build/$1/$2.tar $(IMAGE)
	$$(call say,ISO,$$@)$(PYTHON) $(IMAGE) compose -o $$@ --kernel build/$1/bin/iris.elf \
	  --root build/$1/root.img --archive build/$1/$2.tar
endef

define idl_rule

build/$1/gen/idl/$(basename $(notdir $2)).h: $2 $(IDLC) | build/setup.stamp
	$$(call say,IDL,$$<)mkdir -p $$(@D) && $(PYTHON) tools/idlc/idlc.py --out $$(@D) $$<
endef

define program_rule

build/$1/programs/$(notdir $2): $(call objects,$1,$(call sources,$2)) \
  $(if $(filter tests/user/%,$2),build/$1/lib/libtest.a) \
  $(if $(filter programs/%,$2),build/$1/lib/libcommand.a)
endef

IMAGE := harness/iris_harness/image.py
$(foreach m,$(MODES),$(eval $(call mode_rules,$m)))

# ---- The SDK: what there is in it, tools/sdk/manifest says ------------------------------------

SDK_FOLDERS := $(filter-out tests/% examples/%,$(FOLDERS))
$(foreach m,$(MODES),$(eval $(call image_rules,$m,sdk,$(notdir $(SDK_FOLDERS)))))

build/sdk/lib/libc.a: $(call LIBC_OBJECTS,release) tools/sdk/merge.py | build/newlib.stamp
	$(call say,AR,$@)mkdir -p $(@D) && $(PYTHON) tools/sdk/merge.py $@ build/newlib/lib/libc.a \
	  $(filter %.o,$^) && objcopy -D --strip-debug $@
build/sdk/lib/libm.a: | build/newlib.stamp
	@mkdir -p $(@D) && objcopy -D --strip-debug build/newlib/lib/libm.a $@
build/sdk/lib/libiris.a: build/release/lib/libiris.a
	@mkdir -p $(@D) && objcopy -D --strip-debug $< $@
build/sdk/lib/crt0.o: $(call objects,release,$(START_SOURCES))
	@mkdir -p $(@D) && objcopy --strip-debug $< $@
build/sdk/lib/libnone.a:  # what -lpthread and the like ask for is in libc.a
	@mkdir -p $(@D) && rm -f $@ && ar rcsD $@
SDK_LIBRARIES := $(addprefix build/sdk/lib/,libc.a libm.a libiris.a crt0.o libnone.a)

SDK_PACK = $(PYTHON) tools/sdk/pack.py --version $(VERSION) --output $@ \
  --set "FLAGS=$(MACHINE) $(USER_TARGET) $(PROGRAM_TARGET) $(PROGRAM_LINK)" tools/sdk/manifest
$(SDK): $(SDK_LIBRARIES) $(foreach m,$(MODES),build/$m/sdk.iso) FORCE
	$(call say,SDK,$@)$(SDK_PACK)

# ---- tests/posix with the host's C library, and unit tests of portable kernel files on the host --------------------------------------------

HOST_FLAGS = -m32 -std=gnu11 -O1 -g -DDEBUG=1 -DHOST_TEST=1 $(WARNINGS) -Werror \
  -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer \
  -Itests/host -Ikernel -Ikernel/include -Ibuild/debug/gen/include -Ibuild/debug/gen -Iservers/lib \
  -idirafter libc/include
build/test/host/%: tests/host/%.c Makefile | build/debug/gen/abi.stamp
	$(call say,HOST,$<)mkdir -p $(@D) && $(CC) $(HOST_FLAGS) -MMD -MP -MF $@.d -MT $@ -o $@ $<

# The shell's language as a program of the host, to be compared with another shell (tests/tools).
HOST_SHELL := $(filter-out $(addprefix programs/shell/,main.c terminal.c help.c history.c line.c \
  complete.c note.c),$(wildcard programs/shell/*.c)) $(wildcard tests/host/shell/*.c) \
  $(addprefix programs/lib/,pattern.c condition.c format.c echo.c signals.c modes.c)
build/test/host/shell: $(HOST_SHELL) $(wildcard programs/shell/*.h programs/lib/*.h) Makefile
	$(call say,HOST,$@)mkdir -p $(@D) && $(CC) $(filter-out -I%,$(HOST_FLAGS)) -D_GNU_SOURCE \
	  -Iprograms/shell -Iprograms/lib -o $@ $(HOST_SHELL)

POSIX_FLAGS = -std=gnu11 -O1 -g $(WARNINGS) -Werror -pthread -Iservers/lib
build/test/posix: tests/posix/*.c tests/posix/*.h servers/lib/test.c Makefile
	$(call say,HOST,$@)mkdir -p $(@D) && $(CC) $(POSIX_FLAGS) -o $@ $(filter %.c,$^) -lrt

-include $(shell find build -type d \( -path build/mutants -o -path build/ports \) -prune -o -name '*.d' -print 2>/dev/null)
