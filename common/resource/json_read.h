/*
 * Reading request bodies, as leniently as the original does: a byte order mark, UTF-16 and UTF-32 are understood, text
 * behind the first complete value is ignored, of a repeated member the last counts. Numbers keep their
 * source text, because a number sent for a text field is stored as it was written.
 */
#ifndef COMMON_RESOURCE_JSON_READ_H
#define COMMON_RESOURCE_JSON_READ_H

#include "common/base/arena.h"
#include "common/base/error.h"

enum json_kind { JSON_NODE_NULL, JSON_NODE_FALSE, JSON_NODE_TRUE, JSON_NODE_NUMBER, JSON_NODE_STRING, JSON_NODE_ARRAY, JSON_NODE_OBJECT };

struct json_node {
    enum json_kind kind;
    const char *text;  /* string: decoded; number: source text; NUL behind */
    size_t len;
    const char *name;  /* of a member, NUL behind */
    size_t name_len;
    struct json_node *first, *next; /* elements or members in order */
};

/* Everything lives in the arena. NULL on failure, with line and column in the message. Nesting is limited to
   1000. Any thread. */
struct json_node *json_read(struct arena *arena, const char *text, size_t len, struct error *err);
/* The last member of this name, or NULL. */
const struct json_node *json_member(const struct json_node *object, const char *name);

#endif
