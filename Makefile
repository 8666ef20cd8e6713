# The only makefile. Every folder names its sources in a module.mk; objects mirror the tree below
# build/<flavour>/, so the flavours never disturb each other.
#
#   make            the programs, in build/bin
#   make SAN=1      the same with address and undefined sanitizers, in build/san/bin
#   make V=1        shows the commands

.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules

BUILD   ?= build
FLAVOUR := $(if $(SAN),san,release)
OUT     := $(BUILD)/$(FLAVOUR)
BIN     := $(if $(SAN),$(OUT)/bin,$(BUILD)/bin)
Q       := $(if $(V),,@)
PREFIX  ?= /usr/local
VERSION := 0.1.0

CC      ?= cc
PKGS    := rdkafka libmicrohttpd jansson libcurl libpcre2-8
MYSQL   := $(shell for p in libmariadb mysqlclient mariadb; do pkg-config --exists $$p 2>/dev/null && echo $$p && break; done)
WARN    := -Wall -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef \
           -Wwrite-strings -Wno-format-truncation -Wno-unknown-warning-option $(if $(WERROR),-Werror)
comma   := ,
SANFLAGS := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=undefined)
OPT     := $(if $(SAN),-O1,-O2) -g -fno-omit-frame-pointer
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DPROJECT_VERSION='"$(VERSION)"' $(OPT) $(WARN) -pthread -iquote . \
             $(SANFLAGS) $(shell pkg-config --cflags $(PKGS) $(MYSQL) 2>/dev/null) $(CPPFLAGS) $(CFLAGS)
LIBS     = $(shell pkg-config --libs $(PKGS) $(MYSQL) 2>/dev/null) -lm -pthread
CHECK_CFLAGS = $(shell pkg-config --cflags check 2>/dev/null)
CHECK_LIBS   = $(shell pkg-config --libs check 2>/dev/null)

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

# Archives keep the link of a unit test to what it uses.
$(OUT)/libcommon.a:   $(call obj,$(COMMON_SRC))
$(OUT)/libconnect.a:  $(call obj,$(CONNECT_SRC))
$(OUT)/libservices.a: $(call obj,$(SERVICES_SRC))
$(OUT)/libfakes.a:    $(call obj,$(FAKES_SRC))
ARCHIVES := $(OUT)/libfakes.a $(OUT)/libservices.a $(OUT)/libconnect.a $(OUT)/libcommon.a

$(OUT)/lib%.a:
	$(Q)mkdir -p $(@D) && rm -f $@ && ar rcs $@ $^

$(OUT)/obj/%.o: %.c
	$(Q)mkdir -p $(@D)
	$(if $(Q),@echo "  CC    $<")
	$(Q)$(CC) $(ALL_CFLAGS) $(if $(filter tests/%,$<),$(CHECK_CFLAGS)) -MMD -MP -c -o $@ $<

# ---- programs: name = source with main() ---------------------------------------------------------
PROGRAMS :=
define program
PROGRAMS += $(BIN)/$(1)
$(BIN)/$(1): $(call obj,$(2)) $(filter-out $(OUT)/libfakes.a,$(ARCHIVES))
	$(Q)mkdir -p $$(@D)
	$(if $(Q),@echo "  LINK  $$@")
	$(Q)$(CC) $(SANFLAGS) -rdynamic -o $$@ $(call obj,$(2)) -Wl,--start-group $(filter-out $(OUT)/libfakes.a,$(ARCHIVES)) -Wl,--end-group $$(LDFLAGS) $$(LIBS)
endef
$(if $(wildcard order-service/main.c),$(eval $(call program,order-service,order-service/main.c)))
$(if $(wildcard marketing-service/main.c),$(eval $(call program,marketing-service,marketing-service/main.c)))
$(if $(wildcard connect/main_distributed.c),$(eval $(call program,connect-distributed,connect/main_distributed.c)))
$(if $(wildcard connect/main_standalone.c),$(eval $(call program,connect-standalone,connect/main_standalone.c)))

all: $(PROGRAMS)

# ---- unit tests: every tests/unit/**/test_*.c is a program ------------------------------------------
UNIT_SRC := $(shell find tests/unit -name 'test_*.c' 2>/dev/null | sort)
UNIT_BIN := $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(UNIT_SRC))

$(OUT)/unit/%: $(OUT)/obj/tests/unit/%.o $(ARCHIVES)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(SANFLAGS) -rdynamic -o $@ $< -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(CHECK_LIBS) $(LIBS)

.PHONY: check
check: $(UNIT_BIN)
	$(Q)fail=0; for t in $(UNIT_BIN); do $$t || fail=1; done; exit $$fail

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(shell find $(OUT)/obj -name '*.d' 2>/dev/null)
