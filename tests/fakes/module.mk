FAKES_SRC += $(wildcard tests/fakes/*.c)
