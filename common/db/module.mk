COMMON_SRC += common/db/db.c common/db/db_ask.c common/db/db_binlog.c common/db/db_error.c \
	common/db/db_result.c common/db/db_stmt.c common/db/links.c common/db/pool.c
