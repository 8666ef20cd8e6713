/* stderr goes into a file for a while. */
#include "tests/fakes/log_said.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static FILE *said_file;
static int stderr_before;

void
log_said_begin(void)
{
    said_file = tmpfile();
    stderr_before = dup(STDERR_FILENO);
    dup2(fileno(said_file), STDERR_FILENO);
}

const char *
log_said_end(void)
{
    static char said[4096];
    dup2(stderr_before, STDERR_FILENO);
    close(stderr_before);
    rewind(said_file);
    said[fread(said, 1, sizeof(said) - 1, said_file)] = '\0';
    fclose(said_file);
    return said;
}

size_t
log_said_count(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        count++;
    return count;
}
