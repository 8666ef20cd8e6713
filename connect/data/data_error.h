/* Errors of data that do not fit, as Kafka Connect's DataException. */
#ifndef CONNECT_DATA_DATA_ERROR_H
#define CONNECT_DATA_DATA_ERROR_H

#include "common/base/error.h"

#define DATA_EXCEPTION "org.apache.kafka.connect.errors.DataException"

/* ERROR_DATA with the class above. Returns false. */
bool data_error(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
