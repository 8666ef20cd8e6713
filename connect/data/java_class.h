/* Names of the Java classes that Kafka Connect's messages speak of. Literals; any thread. */
#ifndef CONNECT_DATA_JAVA_CLASS_H
#define CONNECT_DATA_JAVA_CLASS_H

#include "connect/data/schema.h"
#include "connect/data/value.h"

/* The class that holds this value in the Java original: java.lang.String, "[B" for bytes, "null" for null.
   `schema` may be NULL. */
const char *java_class_of(const struct schema *schema, const struct value *value);

#endif
