/* A locked list with a condition on the monotonic clock. */
#include "common/base/mailbox.h"

#include "common/base/clock.h"
#include "common/base/error.h"

void
mailbox_init(struct mailbox *box)
{
    *box = (struct mailbox){.last = &box->first};
    pthread_mutex_init(&box->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&box->filled, &attr);
    pthread_condattr_destroy(&attr);
}

void
mailbox_fini(struct mailbox *box)
{
    ensure(box->first == NULL, "a mailbox was dropped with messages in it");
    pthread_cond_destroy(&box->filled);
    pthread_mutex_destroy(&box->lock);
}

bool
mailbox_post(struct mailbox *box, struct mail *mail)
{
    pthread_mutex_lock(&box->lock);
    bool open = !box->closed;
    if (open) {
        mail->next = NULL;
        *box->last = mail;
        box->last = &mail->next;
        box->count++;
        pthread_cond_signal(&box->filled);
    }
    pthread_mutex_unlock(&box->lock);
    return open;
}

struct mail *
mailbox_take(struct mailbox *box, int64_t timeout_ms)
{
    struct timespec until = clock_deadline(timeout_ms);
    pthread_mutex_lock(&box->lock);
    int rc = 0;
    while (!box->first && !box->closed && timeout_ms != 0 && rc == 0)
        rc = timeout_ms < 0 ? pthread_cond_wait(&box->filled, &box->lock)
                            : pthread_cond_timedwait(&box->filled, &box->lock, &until);
    struct mail *mail = box->first;
    if (mail) {
        box->first = mail->next;
        if (!box->first)
            box->last = &box->first;
        box->count--;
    }
    pthread_mutex_unlock(&box->lock);
    return mail;
}

void
mailbox_close(struct mailbox *box)
{
    pthread_mutex_lock(&box->lock);
    box->closed = true;
    pthread_cond_broadcast(&box->filled);
    pthread_mutex_unlock(&box->lock);
}

size_t
mailbox_count(struct mailbox *box)
{
    pthread_mutex_lock(&box->lock);
    size_t count = box->count;
    pthread_mutex_unlock(&box->lock);
    return count;
}
