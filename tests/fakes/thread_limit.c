/* A stack larger than the address space is had by no thread. */
#include "tests/fakes/thread_limit.h"

#include <check.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

void
thread_limit_set(bool is_reached)
{
    static size_t size_before;
    pthread_attr_t attr;
    ck_assert_int_eq(pthread_getattr_default_np(&attr), 0);
    if (is_reached)
        ck_assert_int_eq(pthread_attr_getstacksize(&attr, &size_before), 0);
    ck_assert_int_eq(pthread_attr_setstacksize(&attr, is_reached ? SIZE_MAX / 4 : size_before), 0);
    ck_assert_int_eq(pthread_setattr_default_np(&attr), 0);
    pthread_attr_destroy(&attr);
}
