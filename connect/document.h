/* docs/CONFIGURATION.md, from the tables that the code uses. */
#ifndef CONNECT_DOCUMENT_H
#define CONNECT_DOCUMENT_H

#include <stdio.h>

void document_settings(FILE *out);

#endif
