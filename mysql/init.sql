-- What the lab expects to find in a new MySQL: user root with password 1234 from anywhere, and the database.
-- The services make their own tables. The database comes last: where it is, all of this has been done.
CREATE USER IF NOT EXISTS 'root'@'%' IDENTIFIED BY '1234';
GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;
ALTER USER 'root'@'localhost' IDENTIFIED BY '1234';
CREATE DATABASE IF NOT EXISTS `my-database` CHARACTER SET utf8mb4;
