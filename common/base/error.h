/*
 * One error type for every module: what happened, in words, and what a caller could do about it.
 *
 * A fallible function takes `struct error *err` last, returns false (or NULL) on failure and then
 * has filled *err; its outputs are untouched. The caller owns the struct, so error paths allocate
 * nothing, and an error crosses threads by plain copy.
 */
#ifndef COMMON_BASE_ERROR_H
#define COMMON_BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

/* A code exists only because somebody branches on it. */
enum error_code {
    ERROR_NONE = 0,
    ERROR_CONFIG,      /* a setting or a request is wrong; only its author can mend it */
    ERROR_NOT_FOUND,   /* the named thing does not exist */
    ERROR_CONFLICT,    /* it exists already, or its state forbids the call */
    ERROR_DATA,        /* this record or row cannot be processed; others can */
    ERROR_TIMEOUT,     /* no answer within the deadline */
    ERROR_UNAVAILABLE, /* the database or the broker cannot be reached now */
    ERROR_UNCERTAIN,   /* a commit whose answer was lost: done or not, nobody knows */
    ERROR_INTERNAL,    /* everything else */
};

enum { ERROR_MESSAGE_SIZE = 1024 };

struct error {
    enum error_code code;
    bool retriable;               /* the same call may succeed later */
    int cause;                    /* errno, MySQL or Kafka error number; 0 if none */
    char sqlstate[6];             /* set by common/db, else empty */
    const char *java_class;       /* class that the Java original throws here, for traces; a
                                     literal; NULL means org.apache.kafka.connect.errors.ConnectException */
    char message[ERROR_MESSAGE_SIZE]; /* outermost context first; cut at a UTF-8 boundary */
    char causes[ERROR_MESSAGE_SIZE];  /* what led to it, as the "Caused by:" lines of a trace; mostly "" */
};

#define ERROR_INIT ((struct error){.code = ERROR_NONE})

/* Fill *err and return false, so that a failure is one line: return error_set(err, ...). */
bool error_set(struct error *err, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool error_vset(struct error *err, enum error_code code, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/* As error_set, marked retriable. */
bool error_set_retriable(struct error *err, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Put context in front of the message: "context: message". Keeps code, cause and class. Returns false. */
bool error_wrap(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A new error that has the present one as its cause, which moves to err->causes as "Caused by: class: message".
   Class (a literal, NULL as above) and message are set anew; code, number and state stay. Returns false. */
bool error_cause(struct error *err, const char *java_class, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The class named in traces; a literal, never NULL. */
const char *error_java_class(const struct error *err);

/* Java's stack trace without the frames: "class: message", then a line for every cause. */
struct strbuf;
void error_trace(const struct error *err, struct strbuf *out);

/* The code's name in lower case, for logs. A literal. */
const char *error_code_name(enum error_code code);

/* Fallible functions are marked with this: ignoring a failure is a compile-time warning. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* A bug of ours, checked in release builds too: prints and aborts. */
#define ensure(condition, ...) \
    ((condition) ? (void)0 : ensure_failed(__FILE__, __LINE__, #condition, "" __VA_ARGS__))
_Noreturn void ensure_failed(const char *file, int line, const char *condition, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
