/* C11 threads over pthreads, for `make SAN=thread` only. The packaged librdkafka starts its threads and takes its locks with
   C11 calls, which the thread sanitizer does not follow: glibc's go past its interceptors, a thread started by them crashes in
   the first intercepted call. Exported by the program (-rdynamic), these come before the library's. */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

/* glibc gives both kinds of objects the same size and alignment. */
_Static_assert(sizeof(mtx_t) >= sizeof(pthread_mutex_t) && sizeof(cnd_t) >= sizeof(pthread_cond_t), "sizes of <threads.h>");
_Static_assert(sizeof(thrd_t) == sizeof(pthread_t) && sizeof(once_flag) == sizeof(pthread_once_t), "sizes of <threads.h>");

static int
result_of(int error)
{
    switch (error) {
    case 0:
        return thrd_success;
    case ENOMEM:
        return thrd_nomem;
    case EBUSY:
        return thrd_busy;
    case ETIMEDOUT:
        return thrd_timedout;
    default:
        return thrd_error;
    }
}

struct start {
    thrd_start_t run;
    void *arg;
};

static void *
thread_main(void *arg)
{
    struct start start = *(struct start *)arg;
    free(arg);
    return (void *)(intptr_t)start.run(start.arg);
}

int
thrd_create(thrd_t *thread, thrd_start_t run, void *arg)
{
    struct start *start = malloc(sizeof(*start));
    if (!start)
        return thrd_nomem;
    *start = (struct start){run, arg};
    int error = pthread_create((pthread_t *)thread, NULL, thread_main, start);
    if (error)
        free(start);
    return result_of(error);
}

int
thrd_join(thrd_t thread, int *result)
{
    void *value;
    int error = pthread_join((pthread_t)thread, &value);
    if (error == 0 && result)
        *result = (int)(intptr_t)value;
    return result_of(error);
}

int
thrd_detach(thrd_t thread)
{
    return result_of(pthread_detach((pthread_t)thread));
}

thrd_t
thrd_current(void)
{
    return (thrd_t)pthread_self();
}

int
mtx_init(mtx_t *lock, int type)
{
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, type & mtx_recursive ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
    int error = pthread_mutex_init((pthread_mutex_t *)lock, &attr);
    pthread_mutexattr_destroy(&attr);
    return result_of(error);
}

void
mtx_destroy(mtx_t *lock)
{
    pthread_mutex_destroy((pthread_mutex_t *)lock);
}

int
mtx_lock(mtx_t *lock)
{
    return result_of(pthread_mutex_lock((pthread_mutex_t *)lock));
}

int
mtx_trylock(mtx_t *lock)
{
    return result_of(pthread_mutex_trylock((pthread_mutex_t *)lock));
}

int
mtx_unlock(mtx_t *lock)
{
    return result_of(pthread_mutex_unlock((pthread_mutex_t *)lock));
}

int
cnd_init(cnd_t *cond)
{
    return result_of(pthread_cond_init((pthread_cond_t *)cond, NULL));
}

void
cnd_destroy(cnd_t *cond)
{
    pthread_cond_destroy((pthread_cond_t *)cond);
}

int
cnd_signal(cnd_t *cond)
{
    return result_of(pthread_cond_signal((pthread_cond_t *)cond));
}

int
cnd_broadcast(cnd_t *cond)
{
    return result_of(pthread_cond_broadcast((pthread_cond_t *)cond));
}

int
cnd_wait(cnd_t *cond, mtx_t *lock)
{
    return result_of(pthread_cond_wait((pthread_cond_t *)cond, (pthread_mutex_t *)lock));
}

int
cnd_timedwait(cnd_t *restrict cond, mtx_t *restrict lock, const struct timespec *restrict until)
{
    return result_of(pthread_cond_timedwait((pthread_cond_t *)cond, (pthread_mutex_t *)lock, until));
}

void
call_once(once_flag *flag, void (*run)(void))
{
    pthread_once((pthread_once_t *)flag, run);
}
