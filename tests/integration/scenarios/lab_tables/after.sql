insert into ORDER_TABLE (customerId, price, productId, qty) values
    ('ein "Kunde" \\ Straße', 19.99, 9223372036854775807, -2147483648), ('고객 😀', 1e10, 0, 0);
