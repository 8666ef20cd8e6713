# shellcheck shell=bash disable=SC2154 # the variables are demo.sh's
# The walk goes on: the log-based source and a mirror that follows updates and deletes. Read by demo.sh --cdc.

step "10. The log-based source: a snapshot of ORDER_TABLE, then every change"
try '201 Created' "curl -s -i -X POST -H 'Content-Type:application/json' http://$connect/connectors/ -d '{
  \"name\": \"orders-log\",
  \"config\": {
    \"connector.class\": \"io.debezium.connector.mysql.MySqlConnector\",
    \"database.hostname\": \"localhost\", \"database.port\": \"$MYSQL_PORT\",
    \"database.user\": \"root\", \"database.password\": \"1234\", \"database.server.id\": \"4711\",
    \"topic.prefix\": \"app\", \"table.include.list\": \"my-database.ORDER_TABLE\",
    \"schema.history.internal.kafka.bootstrap.servers\": \"$broker\",
    \"schema.history.internal.kafka.topic\": \"app-history\"}}'"
until_it_has 30 'app.my-database.ORDER_TABLE' "kafka/bin/kafka-topics.sh --bootstrap-server $broker --list"

step "11. A sink that mirrors the table, deletes included"
try '201 Created' "curl -s -i -X POST -H 'Content-Type:application/json' http://$connect/connectors/ -d '{
  \"name\": \"orders-mirror\",
  \"config\": {
    \"connector.class\": \"io.confluent.connect.jdbc.JdbcSinkConnector\",
    \"connection.url\": \"$url\",
    \"connection.user\": \"root\", \"connection.password\": \"1234\",
    \"topics\": \"app.my-database.ORDER_TABLE\", \"table.name.format\": \"ORDER_MIRROR\",
    \"auto.create\": \"true\", \"insert.mode\": \"upsert\", \"delete.enabled\": \"true\", \"pk.mode\": \"record_key\",
    \"transforms\": \"unwrap\", \"transforms.unwrap.type\": \"io.debezium.transforms.ExtractNewRecordState\"}}'"
until_it_has 30 '3000' "$mysql -e 'select * from ORDER_MIRROR'"

step "12. One order is changed, another one withdrawn: the mirror follows"
try '"qty" *: *11' "curl -s -X PATCH -H 'Content-Type:application/json' http://localhost:$ORDER_PORT/orders/1 -d '{\"qty\": 11}'"
try '204' "curl -s -i -X DELETE http://localhost:$ORDER_PORT/orders/2"
until_it_has 30 '^1:11,3:30$' "$mysql -N -e 'select group_concat(id, \":\", qty order by id) from ORDER_MIRROR'"
try '3000' "$mysql -e 'select * from ORDER_MIRROR'"
