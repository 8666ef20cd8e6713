/*
 * Which topics a sink connector reads: those of `topics`, or those whose whole name matches `topics.regex`, an expression of
 * java.util.regex, which librdkafka's own subscription to a pattern does not understand. Kafka's internal topics never match.
 */
#ifndef CONNECT_RUNTIME_SINK_TOPICS_H
#define CONNECT_RUNTIME_SINK_TOPICS_H

#include "common/base/regex.h"
#include "common/config/config.h"

struct sink_topics {
    struct regex *regex;        /* NULL: the list is fixed */
    struct string_list names;   /* read now, in the order of their names */
};

/* False: ERROR_CONFIG, the expression cannot be read; there is nothing to free then. */
bool sink_topics_init(struct sink_topics *topics, const struct config *cfg, struct error *err) MUST_CHECK;
void sink_topics_fini(struct sink_topics *topics); /* accepts zeroed memory */
/* These exist. True: others are to be read than before. Only with an expression. */
bool sink_topics_match(struct sink_topics *topics, const char *const *existing, size_t count);

#endif
