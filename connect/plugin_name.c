/* Names of plugins, apart from the lists of them, so that one kind can be used without all others. */
#include "connect/plugins.h"

#include <string.h>

bool
plugin_name_matches(const char *class_name, const char *name, const char *kind)
{
    if (strcmp(class_name, name) == 0)
        return true;
    if (strchr(class_name, '$'))
        return false; /* "Key" and "Value" would be the aliases of many */
    const char *dot = strrchr(class_name, '.');
    const char *simple = dot ? dot + 1 : class_name;
    if (strcmp(simple, name) == 0)
        return true;
    size_t len = strlen(simple), tail = strlen(kind);
    return len > tail && strcmp(simple + len - tail, kind) == 0 && strlen(name) == len - tail &&
           strncmp(simple, name, len - tail) == 0;
}
