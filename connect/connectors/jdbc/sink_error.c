/* Chains of exceptions. */
#include "connect/connectors/jdbc/sink_error.h"

#include "connect/connectors/jdbc/sink_value.h"

#include <stdio.h>
#include <string.h>

static const char truncation_class[] = "com.mysql.cj.jdbc.exceptions.MysqlDataTruncation";

/* Values that Connector/J refuses itself: its own exception stands behind the SQLException. */
static void
add_driver_exception(struct error *err, const char *text, size_t used)
{
    if (strcmp(err->sqlstate, SINK_STATE_ARGUMENT) == 0)
        snprintf(err->message + used, sizeof(err->message) - used, "com.mysql.cj.exceptions.WrongArgumentException: %s\n", text);
}

static void
redact(struct error *err, const char *java_class, struct sink_sql_place place)
{
    char counts[80] = "";
    if (place.is_batch)
        snprintf(counts, sizeof(counts), "; updateCountLength=%zu; firstExecuteFailedIndex=%zu", place.rows, place.failed);
    snprintf(err->message, sizeof(err->message),
             "Exception chain:\nio.confluent.connect.jdbc.util.LogUtil$Redacted%s: <redacted> [class=%s; SQLState=%s; errorCode=%d%s]\n",
             place.is_batch ? "BatchUpdateException" : "SQLException",
             place.is_batch ? "java.sql.BatchUpdateException" : java_class, err->sqlstate, err->cause, counts);
}

void
sink_error_chain(struct error *err, struct sink_sql_place place)
{
    const char *java_class = err->java_class ? err->java_class : "java.sql.SQLException";
    bool is_truncation = strncmp(err->sqlstate, "22", 2) == 0; /* Connector/J has one class for all of these */
    if (is_truncation)
        java_class = truncation_class;
    if (place.redact) {
        redact(err, java_class, place);
    } else {
        char text[500]; /* so that both copies fit; the server's messages are shorter */
        snprintf(text, sizeof(text), "%s%s", is_truncation ? "Data truncation: " : "", err->message);
        size_t used = (size_t)snprintf(err->message, sizeof(err->message), "Exception chain:\n");
        if (place.is_batch)
            used += (size_t)snprintf(err->message + used, sizeof(err->message) - used, "java.sql.BatchUpdateException: %s\n", text);
        if (used < sizeof(err->message))
            used += (size_t)snprintf(err->message + used, sizeof(err->message) - used, "%s: %s\n", java_class, text);
        if (used < sizeof(err->message))
            add_driver_exception(err, text, used);
    }
    err->java_class = "java.sql.SQLException";
}

bool
sink_error_wrap(struct error *err)
{
    char message[ERROR_MESSAGE_SIZE];
    const char *java_class = err->java_class ? err->java_class : "java.sql.SQLException";
    snprintf(message, sizeof(message), "%s: %s", java_class, err->message);
    return error_cause(err, NULL, "%s", message);
}

bool
sink_error_is_general(const struct error *err)
{
    static const int numbers[] = {
        1021, 1037, 1041, 1114,             /* disk, memory or table space is full */
        1290, 1836,                         /* read only */
        1044, 1045, 1142, 1143, 1227, 1698, /* the user may not do this */
    };
    if (err->code == ERROR_UNAVAILABLE || err->code == ERROR_UNCERTAIN || err->code == ERROR_TIMEOUT)
        return true;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        if (err->cause == numbers[i])
            return true;
    return false;
}
