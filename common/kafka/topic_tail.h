/*
 * A topic with one partition that is followed from a place on: whoever follows asks now and then whether a record has come,
 * and keeps the place himself. The group's offset in Kafka is where to begin without one, and is committed for others.
 *
 * One thread at a time.
 */
#ifndef COMMON_KAFKA_TOPIC_TAIL_H
#define COMMON_KAFKA_TOPIC_TAIL_H

#include "common/base/error.h"
#include "common/config/config.h"

#include <stddef.h>
#include <stdint.h>

struct topic_tail;

struct topic_tail_record {
    const char *key, *value; /* NUL-terminated; NULL: none. Valid until the next call. */
    int64_t offset;
};

/* Settings under Java's names, bootstrap.servers and group.id among them; copied into the client. `from`: the offset of the
   first record; negative: where the group is, else the beginning. Kafka is not asked yet. NULL: ERROR_CONFIG, a setting is wrong. */
struct topic_tail *topic_tail_new(const char *topic, const struct config *settings, int64_t from, struct error *err);
void topic_tail_free(struct topic_tail *tail); /* accepts NULL; the group's offset gets up to 2 s to arrive */

/* Never blocks. False: there is no record now; what is wrong with Kafka is logged, and the client goes on by itself. */
bool topic_tail_next(struct topic_tail *tail, struct topic_tail_record *out);
/* The group's offset: the next record to read. Returns at once. */
void topic_tail_commit(struct topic_tail *tail, int64_t next);

#endif
