/*
 * Basic authentication, as Connect's BasicAuthSecurityRestExtension: user names and passwords from a properties
 * file (user=password). basic.auth.credentials.file names it; a JAAS entry "KafkaConnect" with
 * PropertyFileLoginModule and file="..." in the file of java.security.auth.login.config (or
 * KAFKA_OPTS=-Djava.security.auth.login.config=...) is understood, too.
 */
#include "connect/rest/rest_priv.h"

#include "common/base/alloc.h"
#include "common/base/sha256.h"
#include "common/config/properties.h"
#include "connect/data/base64.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct auth {
    struct config users;
};

/* The quoted text behind file= of the entry KafkaConnect. */
static char *
jaas_file(const char *path, struct error *err)
{
    size_t len;
    char *text = file_read(path, &len, err);
    if (!text)
        return NULL;
    const char *entry = strstr(text, "KafkaConnect");
    const char *end = entry ? strchr(entry, '}') : NULL;
    const char *file = entry ? strstr(entry, "file=\"") : NULL;
    char *found = NULL;
    if (file && (!end || file < end))
        found = xmemdup(file + 6, strcspn(file + 6, "\""));
    else
        error_set(err, ERROR_CONFIG, "%s: no entry KafkaConnect with a file=\"...\" of users", path);
    free(text);
    return found;
}

static char *
users_file(const struct worker_config *worker, struct error *err)
{
    const char *own = config_get(&worker->raw, "basic.auth.credentials.file");
    const char *options = getenv("KAFKA_OPTS");
    const char *jaas = options ? strstr(options, "-Djava.security.auth.login.config=") : NULL;
    if (own)
        return xstrdup(own);
    if (!jaas) {
        error_set(err, ERROR_CONFIG,
                  "basic authentication needs the setting basic.auth.credentials.file (user=password a line), or a JAAS file in KAFKA_OPTS");
        return NULL;
    }
    const char *start = strchr(jaas, '=') + 1;
    char *path = xmemdup(start, strcspn(start, " "));
    char *file = jaas_file(path, err);
    free(path);
    return file;
}

bool
auth_new(const struct worker_config *worker, struct auth **auth_out, struct error *err)
{
    static const char extension[] = "BasicAuthSecurityRestExtension";
    bool wanted = false;
    *auth_out = NULL;
    for (size_t i = 0; i < worker->rest_extension_classes.count; i++) {
        const char *name = worker->rest_extension_classes.items[i], *dot = strrchr(name, '.');
        if (strcmp(dot ? dot + 1 : name, extension))
            return error_set(err, ERROR_CONFIG, "rest.extension.classes: there is no %s here, only %s", name, extension);
        wanted = true;
    }
    if (!wanted)
        return true;
    char *path = users_file(worker, err);
    if (!path)
        return false;
    struct auth *auth = xcalloc(1, sizeof(*auth));
    bool ok = properties_load(path, &auth->users, err);
    free(path);
    if (!ok) {
        auth_free(auth);
        return false;
    }
    *auth_out = auth;
    return true;
}

void
auth_free(struct auth *auth)
{
    if (!auth)
        return;
    config_fini(&auth->users);
    free(auth);
}

bool
auth_allows(const struct auth *auth, const char *authorization)
{
    if (!authorization || strncasecmp(authorization, "Basic ", 6))
        return false;
    const char *given = authorization + 6 + strspn(authorization + 6, " ");
    char *text = xcalloc(strlen(given) + 1, 1);
    long len = base64_decode(given, strlen(given), (unsigned char *)text);
    if (len >= 0)
        text[len] = '\0';
    char *colon = len >= 0 ? strchr(text, ':') : NULL;
    bool ok = false;
    if (colon) {
        *colon = '\0';
        const char *password = config_get(&auth->users, text);
        ok = password && strlen(password) == strlen(colon + 1) && bytes_equal(password, colon + 1, strlen(password));
    }
    free(text);
    return ok;
}
