/*
 * Request bodies: JSON read as the Java worker reads it (Jackson), with its messages. Numbers keep their text, because a
 * setting given as 1.50 is stored as "1.50". Nothing may follow the value; of members with the same name the last
 * counts. A character of code 0 becomes the bytes C0 80, since texts are C strings.
 */
#ifndef CONNECT_REST_BODY_H
#define CONNECT_REST_BODY_H

#include "common/base/arena.h"
#include "common/base/error.h"
#include "common/base/strbuf.h"
#include "common/config/config.h"

enum body_kind { BODY_NONE /* no bytes at all */, BODY_NULL, BODY_TRUE, BODY_FALSE, BODY_NUMBER, BODY_STRING, BODY_ARRAY, BODY_OBJECT };

struct body_value {
    enum body_kind kind;
    bool is_decimal;              /* a number with a point or an exponent */
    const char *text;             /* of numbers, as sent, and strings */
    const char **names;           /* of an object's members */
    struct body_value **values;   /* of members and items */
    size_t count;
};

/* Everything lives in the arena. NULL: *err has Jackson's text (ERROR_INTERNAL). */
struct body_value *body_parse(struct arena *arena, const char *text, size_t len, struct error *err);
/* The member, or NULL. */
const struct body_value *body_member(const struct body_value *object, const char *name);
/* Scalars become text, null becomes NULL; objects and arrays are refused. */
bool body_text(const struct body_value *value, const char **text_out, struct error *err) MUST_CHECK;
/* A flat map of settings. Null and nothing at all are the caller's to refuse before. */
bool body_config(const struct body_value *value, struct config *out, struct error *err) MUST_CHECK;
/* Compact JSON of a value as Java writes it back: integers as they are, decimals by Double.toString. */
void body_write(const struct body_value *value, struct strbuf *out);

/* String.valueOf of what Java makes of the value: "null", "[1, x]", "{a=1}", decimals by Double.toString. */
void body_java_text(const struct body_value *value, struct strbuf *out);
/* A whole number that fits into 64 bits, or anything else than a whole number. */
bool body_fits_long(const struct body_value *value);

/* The text as an error may repeat it: "[hidden]" in place of one that could hold settings, and so passwords. Borrowed. */
const char *body_shown_text(const char *text);

/* Jackson's refusals of a value that is not what is due there: a bean, a map of member_class, something else. Return false. */
bool body_no_creator(const struct body_value *value, const char *java_class, struct error *err);
bool body_not_a_map(const struct body_value *value, const char *member_class, struct error *err);
bool body_wrong_type(const struct body_value *value, const char *java_type, struct error *err);

/* ERROR_INTERNAL with the place that Jackson names behind its messages. Returns false. */
bool body_error(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Append a JSON string as REST answers have it: characters beyond ASCII as they are. NULL is null. */
void body_string(struct strbuf *out, const char *text);

#endif
