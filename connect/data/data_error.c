#include "connect/data/data_error.h"

#include <stdarg.h>

bool
data_error(struct error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_vset(err, ERROR_DATA, format, args);
    va_end(args);
    err->java_class = DATA_EXCEPTION;
    return false;
}
