/*
 * GTID sets. MySQL: intervals per source (UUID and tag), printed as the server does, "uuid:1-5:8,uuid2:1-3:tag:7", sources
 * in the order in which they came. MariaDB: the last transaction per domain, "0-1-48,1-1-7".
 */
#ifndef CONNECT_CONNECTORS_BINLOG_GTID_H
#define CONNECT_CONNECTORS_BINLOG_GTID_H

#include "common/base/error.h"
#include "common/base/strbuf.h"

#include <stdbool.h>

struct binlog_gtids;

/* From text; "" is the empty set; line breaks and spaces are skipped. NULL (ERROR_DATA): not a set. */
struct binlog_gtids *binlog_gtids_parse(const char *text, struct error *err);
struct binlog_gtids *binlog_gtids_dup(const struct binlog_gtids *set);
void binlog_gtids_free(struct binlog_gtids *set); /* accepts NULL */
/* Append the text. */
void binlog_gtids_text(const struct binlog_gtids *set, struct strbuf *out);
bool binlog_gtids_is_empty(const struct binlog_gtids *set);
bool binlog_gtids_is_mariadb(const struct binlog_gtids *set); /* false for an empty set */

/* One transaction more, as in struct binlog_gtid. An empty text changes nothing. */
bool binlog_gtids_add(struct binlog_gtids *set, const char *gtid, struct error *err) MUST_CHECK;
/* All of `other`, too. */
void binlog_gtids_union(struct binlog_gtids *set, const struct binlog_gtids *other);
void binlog_gtids_subtract(struct binlog_gtids *set, const struct binlog_gtids *other);
/* Is all of `inner` in `set`? (MariaDB: no domain of inner is further.) */
bool binlog_gtids_contains(const struct binlog_gtids *set, const struct binlog_gtids *inner);
/* Drop the sources (MySQL: lower-case UUID; MariaDB: domain-server) that keep() does not want. */
void binlog_gtids_retain(struct binlog_gtids *set, bool (*keep)(const char *source, void *arg), void *arg);
/* Does the set have any transaction of this source (MariaDB: of its domain)? */
bool binlog_gtids_has_source(const struct binlog_gtids *set, const char *source);
/* MySQL's binary form for the dump command; with tags only when there are some. */
void binlog_gtids_encode(const struct binlog_gtids *set, struct strbuf *out);

#endif
