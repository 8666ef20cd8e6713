# The only makefile. Every folder names its sources in a module.mk; objects mirror the tree below
# build/<flavour>/, so the flavours never disturb each other.
#
#   make            the programs, in build/bin
#   make SAN=1      the same with address and undefined sanitizers, in build/san/bin
#   make SAN=thread the same with the thread sanitizer, in build/tsan/bin
#   make V=1        shows the commands
#   make help       everything else

.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules

BUILD   ?= build
FLAVOUR := $(if $(SAN),$(if $(filter thread,$(SAN)),tsan,san),release)
OUT     := $(BUILD)/$(FLAVOUR)
BIN     := $(if $(SAN),$(OUT)/bin,$(BUILD)/bin)
Q       := $(if $(V),,@)
PREFIX  ?= /usr/local
VERSION := 0.1.0

CC      ?= cc
PKGS    := rdkafka libmicrohttpd gnutls jansson libcurl libpcre2-8 libzstd zlib
MYSQL   := $(shell for p in libmariadb mysqlclient mariadb; do pkg-config --exists $$p 2>/dev/null && echo $$p && break; done)
WARN    := -Wall -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef \
           -Wwrite-strings -Wno-format-truncation -Wno-unknown-warning-option $(if $(WERROR),-Werror)
comma   := ,
SANFLAGS := $(if $(SAN),$(if $(filter thread,$(SAN)),-fsanitize=thread,-fsanitize=address$(comma)undefined -fno-sanitize-recover=undefined))
OPT     := $(if $(SAN),-O1,-O2) -g -fno-omit-frame-pointer
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) $(MYSQL) 2>/dev/null)
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DPROJECT_VERSION='"$(VERSION)"' $(OPT) $(WARN) -pthread -iquote . \
             $(SANFLAGS) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS)
LIBS    := $(shell pkg-config --libs $(PKGS) $(MYSQL) 2>/dev/null) -lm -pthread
CHECK_CFLAGS := $(shell pkg-config --cflags check 2>/dev/null)
CHECK_LIBS   := $(shell pkg-config --libs check 2>/dev/null)

.PHONY: all
all:

# COMMON_SRC, CONNECT_SRC, ORDER_SRC, MARKETING_SRC, FAKES_SRC; sources with a main() are PROGRAMS' own.
COMMON_SRC :=
CONNECT_SRC :=
SERVICES_SRC :=
FAKES_SRC :=
include $(sort $(wildcard common/*/module.mk connect/module.mk connect/*/module.mk connect/connectors/*/module.mk \
          order-service/module.mk marketing-service/module.mk tests/fakes/module.mk))

obj = $(patsubst %.c,$(OUT)/obj/%.o,$(1))

# Only the thread sanitizer's flavour: what makes it follow librdkafka's threads, in every program.
SAN_OBJ := $(if $(filter thread,$(SAN)),$(call obj,tests/tsan/c11threads.c))

# Archives keep the link of a unit test to what it uses.
$(OUT)/libcommon.a:   $(call obj,$(COMMON_SRC))
$(OUT)/libconnect.a:  $(call obj,$(CONNECT_SRC))
$(OUT)/libservices.a: $(call obj,$(SERVICES_SRC))
$(OUT)/libfakes.a:    $(call obj,$(FAKES_SRC))
ARCHIVES := $(OUT)/libfakes.a $(OUT)/libservices.a $(OUT)/libconnect.a $(OUT)/libcommon.a

# A module.mk that loses a source must not leave its object behind in an archive.
$(ARCHIVES): $(filter %.mk,$(MAKEFILE_LIST))
$(OUT)/lib%.a:
	$(Q)mkdir -p $(@D) && rm -f $@ && ar rcs $@ $(filter %.o,$^)

$(OUT)/obj/%.o: %.c
	$(Q)mkdir -p $(@D)
	$(if $(Q),@echo "  CC    $<")
	$(Q)$(CC) $(ALL_CFLAGS) $(if $(filter tests/%,$<),$(CHECK_CFLAGS)) -MMD -MP -c -o $@ $<

# ---- programs: name = source with main() ---------------------------------------------------------
PROGRAMS :=
define program
PROGRAMS += $(BIN)/$(1)
$(BIN)/$(1): $(call obj,$(2)) $(SAN_OBJ) $(filter-out $(OUT)/libfakes.a,$(ARCHIVES))
	$(Q)mkdir -p $$(@D)
	$(if $(Q),@echo "  LINK  $$@")
	$(Q)$(CC) $(SANFLAGS) -rdynamic -o $$@ $(call obj,$(2)) $(SAN_OBJ) -Wl,--start-group $(filter-out $(OUT)/libfakes.a,$(ARCHIVES)) -Wl,--end-group $$(LDFLAGS) $$(LIBS)
endef
$(if $(wildcard order-service/main.c),$(eval $(call program,order-service,order-service/main.c)))
$(if $(wildcard marketing-service/main.c),$(eval $(call program,marketing-service,marketing-service/main.c)))
$(if $(wildcard connect/main_distributed.c),$(eval $(call program,connect-distributed,connect/main_distributed.c)))
$(if $(wildcard connect/main_standalone.c),$(eval $(call program,connect-standalone,connect/main_standalone.c)))

all: $(PROGRAMS)

# ---- unit tests: every tests/unit/**/test_*.c is a program ------------------------------------------
UNIT_SRC := $(shell find tests/unit -name 'test_*.c' 2>/dev/null | sort)
UNIT_BIN := $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(UNIT_SRC))

$(OUT)/unit/%: $(OUT)/obj/tests/unit/%.o $(SAN_OBJ) $(ARCHIVES)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(SANFLAGS) -rdynamic -o $@ $< $(SAN_OBJ) -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(CHECK_LIBS) $(LIBS)

# Those that are about the real thing where others want a fake of it: the database client, the stream of the log.
$(OUT)/unit/common/db/test_connect: ARCHIVES := $(filter-out $(OUT)/libfakes.a,$(ARCHIVES))
$(OUT)/unit/connect/connectors/binlog/test_stream: ARCHIVES := $(call obj,connect/connectors/binlog/stream.c) $(ARCHIVES)

.PHONY: check check-san check-headers
check: $(UNIT_BIN)
	$(Q)$(if $(filter thread,$(SAN)),CK_FORK=no) scripts/unit.sh $(if $(SAN),sanitized,unit) $(UNIT_BIN)

check-san:
	$(Q)$(MAKE) SAN=1 check

check-headers:
	$(Q)scripts/check-headers.sh $(CC) $(ALL_CFLAGS) $(CHECK_CFLAGS)

# ---- fuzzing: every tests/fuzz/fuzz_*.c is a libFuzzer program; FUZZ_SECONDS each --------------------------
FUZZ_BIN := $(patsubst tests/fuzz/%.c,$(OUT)/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_SECONDS ?= 10

$(OUT)/fuzz/%: $(OUT)/obj/tests/fuzz/%.o $(ARCHIVES)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(SANFLAGS) -fsanitize=fuzzer -rdynamic -o $@ $< -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(LIBS)

.PHONY: fuzz fuzz-run
fuzz:
	$(Q)$(MAKE) -s CC=clang BUILD=build/fuzz SAN=1 CFLAGS=-fsanitize=fuzzer-no-link fuzz-run

# New inputs go below build/, the corpus in tests/fuzz/corpus stays as it is.
fuzz-run: $(FUZZ_BIN)
	$(Q)scripts/fuzz.sh $(FUZZ_SECONDS) $(OUT) $(FUZZ_BIN)

# ---- the pages that are made from the code -----------------------------------------------------------
.PHONY: docs
docs: $(BIN)/connect-distributed
	$(Q)$< --document-settings > docs/CONFIGURATION.md

# ---- the lab: MySQL, Kafka, the worker and the services, started from here ---------------------------
.PHONY: deps demo demo-cdc up down
deps:
	$(Q)scripts/deps.sh test

# A make of its own after the packages are there: pkg-config is asked when make starts.
demo demo-cdc:
	$(Q)scripts/deps.sh demo
	$(Q)$(MAKE) -s -j2 all kafka-jars
	$(Q)scripts/demo.sh $(if $(filter demo-cdc,$@),--cdc) $(if $(KEEP),--keep)

up:
	$(Q)scripts/deps.sh demo
	$(Q)$(MAKE) -s -j2 all kafka-jars
	$(Q)scripts/stack.sh up

down:
	$(Q)scripts/stack.sh down

# ---- what the servers and the tests need, made once ----------------------------------------------------
.PHONY: kafka-jars venv mysql9
kafka-jars: build/kafka/.stamp
build/kafka/.stamp: kafka/pom.xml
	$(if $(Q),@echo "  MVN   $<")
	$(Q)rm -rf build/kafka/libs && mkdir -p build/kafka
	$(Q)mvn -q -B -Dstyle.color=never -f $< dependency:copy-dependencies -DincludeScope=runtime \
	    -DoutputDirectory=$(CURDIR)/build/kafka/libs > build/kafka/mvn.log 2>&1 || { cat build/kafka/mvn.log; exit 1; }
	$(Q)touch $@

venv: build/venv/.stamp
build/venv/.stamp: tests/requirements.txt
	$(if $(Q),@echo "  PIP   $<")
	$(Q)rm -rf build/venv && python3 -m venv build/venv
	$(Q)build/venv/bin/python -m pip install -q --disable-pip-version-check -r $<
	$(Q)touch $@

# Oracle's MySQL 9 in a folder; only root can, and only where Debian's packages are within reach.
mysql9:
	$(Q)mysql/bin/oracle-mysql.sh build/mysql9

# ---- tests on real servers ---------------------------------------------------------------------------
# The programs with the address sanitizer meet Oracle's MySQL where it can be had, the others the packaged server.
# PYTEST adds arguments: make check-integration PYTEST="-k kill -x"
.PHONY: check-integration test test-all
check-integration: all kafka-jars venv
	$(Q)$(if $(filter-out thread,$(SAN)),mysql/bin/oracle-mysql.sh build/mysql9 || echo "Oracle's MySQL is left out: the packaged server is used instead";) \
	$(if $(filter-out thread,$(SAN)),if [ -f build/mysql9/.complete ]; then TEST_DB=oracle; export TEST_DB; fi;) \
	TEST_BIN=$(BIN) build/venv/bin/pytest -c tests/pytest.ini -n $(or $(JOBS),4) $(PYTEST) tests/integration

test:
	$(Q)scripts/deps.sh test
	$(Q)$(MAKE) -s test-all

test-all: kafka-jars venv
	$(Q)$(MAKE) -s -j2 all
	$(Q)$(MAKE) -s -j2 SAN=1 all
	$(Q)MAKE="$(MAKE)" scripts/test.sh $(RUNNERS)

# ---- speed and memory --------------------------------------------------------------------------------
# JDBC_PLUGIN_DIR=dir measures the Java worker too; BENCH adds arguments: make bench BENCH="--runs 1 source"
.PHONY: bench
# One part by itself, e.g. make build/bench/json_converter.
$(BUILD)/bench/%: bench/%.c $(filter-out $(OUT)/libfakes.a,$(ARCHIVES))
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $< -Wl,--start-group $(filter-out $(OUT)/libfakes.a,$(ARCHIVES)) -Wl,--end-group $(LIBS)

$(BUILD)/bench/limits: bench/limits.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $< $(LIBS)

bench: all kafka-jars venv $(BUILD)/bench/limits
	$(Q)build/venv/bin/python bench/run.py $(if $(BENCH),,--page) $(BENCH)

# ---- second opinions ---------------------------------------------------------------------------------
.PHONY: lint format-check
lint:
	$(Q)scripts/lint.sh $(ALL_CFLAGS)

format-check:
	$(Q)scripts/check-format.sh

# ---- install -----------------------------------------------------------------------------------------
# An image needs the programs only; their pages change more often than they do.
.PHONY: install install-programs
install: install-programs
	install -d $(DESTDIR)$(PREFIX)/share/doc/cdc-lab
	$(BIN)/connect-distributed --document-settings > $(DESTDIR)$(PREFIX)/share/doc/cdc-lab/CONFIGURATION.md
	install -m 644 README.md CHANGELOG.md docs/DIFFERENCES.md $(DESTDIR)$(PREFIX)/share/doc/cdc-lab

install-programs: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/cdc-lab
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	install -m 644 kafka/config/connect-distributed.properties kafka/config/connect-standalone.properties \
	    $(DESTDIR)$(PREFIX)/share/cdc-lab

.PHONY: clean help
clean:
	rm -rf $(BUILD)

help:
	@echo "make                   the programs, in build/bin"
	@echo "make demo              the whole lab on private servers, step by step; KEEP=1 leaves it running"
	@echo "make demo-cdc          the same, and then the log-based source with a mirror that follows updates and deletes"
	@echo "make up, make down     start the lab's servers and programs, stop them"
	@echo "make test              everything that CI runs; RUNNERS=\"unit lint\" only some"
	@echo "make check             unit tests; make check-san with sanitizers"
	@echo "make check-integration scenarios on real servers; PYTEST=\"-k lab\" only some; SAN=1 with sanitizers"
	@echo "make check-headers     each header alone, third-party headers behind their doors, arrows of #include"
	@echo "make fuzz              FUZZ_SECONDS=10 of each fuzz target (clang)"
	@echo "make docs              docs/CONFIGURATION.md from the tables that the code uses"
	@echo "make bench             speed and memory, see bench/README.md"
	@echo "make lint format-check second opinions"
	@echo "make deps              installs what is missing (root), or says how"
	@echo "make install           PREFIX=/usr/local DESTDIR="
	@echo "make clean"
	@echo
	@echo "SAN=1  address and undefined sanitizers, SAN=thread the thread sanitizer     CC=clang  another compiler     WERROR=1  warnings are errors"
	@echo "V=1    shows the commands                   BUILD=dir another folder than build/"

-include $(shell find $(OUT)/obj -name '*.d' 2>/dev/null)
