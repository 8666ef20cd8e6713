/* Writing JSON into a string buffer, pretty (two spaces, "key" : value) or compact. One thread. */
#ifndef COMMON_RESOURCE_JSON_WRITE_H
#define COMMON_RESOURCE_JSON_WRITE_H

#include "common/base/strbuf.h"

struct json_writer {
    struct strbuf *out;
    bool is_pretty;
    unsigned depth;  /* of objects */
    bool has_before; /* something stands in the container that is open */
    bool is_named;   /* a name was written, its value comes next */
};

void json_object_open(struct json_writer *writer);
void json_object_end(struct json_writer *writer);
void json_array_open(struct json_writer *writer);
void json_array_end(struct json_writer *writer);
void json_name(struct json_writer *writer, const char *name);
/* Escaped are quotes, backslashes, control characters, and what lies above U+FFFF (as two surrogates) if pretty. */
void json_text(struct json_writer *writer, const char *text, size_t len);
void json_int(struct json_writer *writer, int64_t number);
/* The shortest digits that read back equal, in Java's form: 10000.0, 1.0E7, 1.0E-4. */
void json_double(struct json_writer *writer, double number);
/* null, true, false, or a whole value as text. */
void json_raw(struct json_writer *writer, const char *text);

/* "name": "text", with the name and the text ending in NUL. */
void json_text_member(struct json_writer *writer, const char *name, const char *text);

enum { JAVA_DOUBLE_SIZE = 32 };
/* NaN and infinities as Java names them. Returns the length. */
size_t java_double_text(char *out, double number);

#endif
