# A stand-in for MySQL's own image: Oracle's server with the project's start script.
FROM mysql9-files
COPY mysql /opt/mysql
RUN groupadd -rf mysql && (id mysql || useradd -r -g mysql mysql) && mkdir -p /var/lib/mysql && chown mysql:mysql /var/lib/mysql \
    && printf '#!/bin/bash\nexec bash -c "</dev/tcp/127.0.0.1/3306"\n' > /usr/local/bin/mysqladmin && chmod +x /usr/local/bin/mysqladmin
USER mysql
VOLUME /var/lib/mysql
CMD ["/opt/mysql/bin/mysql-server-start.sh", "--datadir", "/var/lib/mysql", "--bind", "0.0.0.0"]
