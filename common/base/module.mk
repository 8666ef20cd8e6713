COMMON_SRC += common/base/alloc.c common/base/arena.c common/base/clock.c common/base/error.c \
	common/base/log.c common/base/mailbox.c common/base/name_index.c common/base/regex.c common/base/strbuf.c common/base/zone.c
COMMON_SRC += common/base/digest.c common/base/sha256.c
