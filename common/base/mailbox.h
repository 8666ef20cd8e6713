/*
 * The only queue between threads: any thread posts, one thread takes. First in, first out.
 *
 * A message is a struct of the user's that begins with `struct mail`; the mailbox links it and never
 * copies or frees it. Whoever takes a message owns it.
 */
#ifndef COMMON_BASE_MAILBOX_H
#define COMMON_BASE_MAILBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mail {
    struct mail *next;
};

struct mailbox {
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t filled;
    struct mail *first, **last;
    size_t count;
    bool closed;
};

void mailbox_init(struct mailbox *box);
/* The box must be empty: drain it with mailbox_take(box, 0) first. */
void mailbox_fini(struct mailbox *box);
/* Any thread. False if the box is closed; the message is then still the caller's. */
bool mailbox_post(struct mailbox *box, struct mail *mail);
/* The owner. Waits up to timeout_ms (negative: for ever). NULL on time-out, or when closed and empty. */
struct mail *mailbox_take(struct mailbox *box, int64_t timeout_ms);
/* Any thread, may repeat: refuse new messages and wake the taker. */
void mailbox_close(struct mailbox *box);
size_t mailbox_count(struct mailbox *box);

#endif
