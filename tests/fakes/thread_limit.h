/* A process that can have no more threads, for unit tests. */
#ifndef TESTS_FAKES_THREAD_LIMIT_H
#define TESTS_FAKES_THREAD_LIMIT_H

#include <stdbool.h>

/* From now on pthread_create without attributes fails (false: succeeds again); threads that are there stay. */
void thread_limit_set(bool is_reached);

#endif
