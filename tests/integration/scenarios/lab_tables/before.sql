create table ORDER_TABLE (
    id bigint not null auto_increment primary key, customerId varchar(255), price double, productId bigint, qty integer);
insert into ORDER_TABLE (customerId, price, productId, qty) values ('1000', 10000, 1, 10), (null, null, null, null);
