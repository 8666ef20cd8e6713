/* What is written to the log (to stderr) meanwhile, for unit tests. One at a time. */
#ifndef TESTS_FAKES_LOG_SAID_H
#define TESTS_FAKES_LOG_SAID_H

#include <stddef.h>

void log_said_begin(void);
/* Everything since; lives until the next call. What is behind 4 KiB is cut. */
const char *log_said_end(void);
/* How often `part` is in it. */
size_t log_said_count(const char *text, const char *part);

#endif
