SERVICES_SRC += common/resource/actuator.c common/resource/body.c common/resource/coerce.c common/resource/collection.c \
	common/resource/item.c common/resource/json_read.c common/resource/json_write.c common/resource/media.c \
	common/resource/page.c common/resource/patch.c common/resource/profile.c common/resource/answer.c \
	common/resource/service.c common/resource/settings.c common/resource/store.c common/resource/wait.c
