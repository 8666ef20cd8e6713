/*
 * Signals: rows inserted into the table of signal.data.collection are commands (the channel `source`). Task thread only.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_SIGNAL_H
#define CONNECT_CONNECTORS_BINLOG_SIGNAL_H

#include "common/base/error.h"
#include "common/config/config.h"

enum cdc_signal_kind {
    CDC_SIGNAL_EXECUTE, CDC_SIGNAL_STOP, CDC_SIGNAL_PAUSE, CDC_SIGNAL_RESUME, CDC_SIGNAL_LOG,
    CDC_SIGNAL_WINDOW_OPEN, CDC_SIGNAL_WINDOW_CLOSE, /* the connector's own */
    CDC_SIGNAL_UNKNOWN,
};

struct cdc_signal {
    enum cdc_signal_kind kind;
    char *id, *message;
    bool is_blocking;
    struct string_list tables;      /* expressions on "database.table"; none: all (of a stop) */
    struct string_list conditions;  /* pairs: expression on a table, condition on its rows */
    char *surrogate_key;            /* NULL: the table's key */
};

/* False (ERROR_DATA): the data cannot be read; the signal is to be passed over, with a warning. */
bool cdc_signal_parse(const char *id, const char *type, const char *data, struct cdc_signal *out, struct error *err) MUST_CHECK;
void cdc_signal_fini(struct cdc_signal *signal);
/* The condition on rows of a table; NULL: none. Borrowed. */
const char *cdc_signal_condition(const struct cdc_signal *signal, const char *label);
/* Does an expression name the table, whole and without case? */
bool cdc_signal_names(const char *expression, const char *label);

#endif
