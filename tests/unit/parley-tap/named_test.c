/* SPDX-License-Identifier: MIT */
/* tests/unit/parley-tap/named_test.c - whom a recording means by a name.
 */
#include "tools/parley-tap/named.h"

#include "tests/unit/check.h"
#include "tests/unit/parley-tap/fixture.h"

#include <unistd.h>

static struct recording recording;

static void
begin(void)
{
	recording_close(&recording);
	recording = (struct recording){ .path = "a file", .file = tmpfile() };
	CHECK(recording.file != NULL);
	CHECK(fputs(RECORDING_HEAD, recording.file) >= 0);
}

static void
add(const struct frame *frame)
{
	struct heard heard = heard_at(1, "store out gateway", frame);
	struct buffer packed = { 0 }, bytes = { 0 };

	CHECK_INT(frame_pack_public(frame, &packed), 0);
	heard.packed = (struct slice){ (const char *)packed.bytes, packed.n };
	CHECK_INT(recording_append(&bytes, &heard), 0);
	CHECK(fwrite(bytes.bytes, 1, bytes.n, recording.file) == bytes.n);
	buffer_fini(&packed);
	buffer_fini(&bytes);
}

static void
add_room(unsigned id, const char *name)
{
	const struct frame_room_info room = { .room = id_of(id),
					      .kind = 1,
					      .name = slice_of(name) };
	struct frame frame = { .kind = FRAME_rooms, .id = 1 };

	frame.rooms.rooms = (frame_list){ &room, 1 };
	add(&frame);
}

static void
add_post(unsigned user, const char *name)
{
	struct frame frame = { .kind = FRAME_post, .id = 2 };

	frame.post.room = id_of(9);
	frame.post.user = id_of(user);
	frame.post.user_name = slice_of(name);
	frame.post.nonce = id_of(8);
	frame.post.text = slice_of("hello");
	add(&frame);
}

/* The digit of the id; 0: nothing is called so; -1: several are. */
static int
found(enum named_what what, const char *name)
{
	struct uuid id = { 0 };
	int rc;

	CHECK_INT(recording_rewind(&recording), 0);
	rc = named_find(&recording, what, name, &id);
	return rc > 0 ? id.bytes[0] & 0xf : rc;
}

static void
a_name_is_found_beside_its_id(void)
{
	struct heard heard;

	begin();
	add_room(1, "kitchen");
	add_room(2, "garden");
	add_room(1, "kitchen");
	add_post(3, "Ann");
	add_post(4, "bob");
	CHECK_INT(found(NAMED_ROOM, "kitchen"), 1);
	CHECK_INT(found(NAMED_ROOM, "GARDEN"), 2);
	CHECK_INT(found(NAMED_USER, "ann"), 3);
	CHECK_INT(found(NAMED_USER, "bob"), 4);
	CHECK_INT(found(NAMED_USER, "kitchen"), 0);
	CHECK_INT(found(NAMED_ROOM, "bob"), 0);
	CHECK_INT(found(NAMED_ROOM, "attic"), 0);
	/* It begins anew. */
	CHECK_INT(recording_read(&recording, &heard), 1);
	CHECK(slice_is(heard.subject, "out.gateway.rooms"));
}

static void
a_name_that_several_have_is_none(void)
{
	begin();
	add_room(1, "kitchen");
	add_room(2, "kitchen");
	add_post(3, "ann");
	add_post(4, "ann");
	CHECK_INT(found(NAMED_ROOM, "kitchen"), -1);
	CHECK_INT(found(NAMED_USER, "ann"), -1);
}

static void
what_is_wished_for_is_not_what_is_called_so(void)
{
	struct frame wish = { .kind = FRAME_create_room, .id = 3 };
	struct frame bind = { .kind = FRAME_bind, .id = 4 };

	begin();
	wish.create_room.room = id_of(5);
	wish.create_room.kind = 1;
	wish.create_room.name = slice_of("kitchen");
	add(&wish);
	bind.bind.connection = 1;
	bind.bind.room = id_of(6);
	bind.bind.name = slice_of("kitchen");
	add(&bind);
	CHECK_INT(found(NAMED_ROOM, "kitchen"), 0);
	add_room(1, "kitchen");
	CHECK_INT(found(NAMED_ROOM, "kitchen"), 1);
}

static void
what_cannot_be_read_twice_is_not_looked_through(void)
{
	int ends[2];

	recording_close(&recording);
	CHECK_INT(pipe(ends), 0);
	CHECK_INT(write(ends[1], RECORDING_HEAD, strlen(RECORDING_HEAD)),
		  strlen(RECORDING_HEAD));
	close(ends[1]);
	recording = (struct recording){ .path = "a pipe",
					.file = fdopen(ends[0], "rb") };
	CHECK_INT(
	    named_find(&recording, NAMED_ROOM, "kitchen", &(struct uuid){ 0 }),
	    0);
}

int
main(void)
{
	RUN(a_name_is_found_beside_its_id);
	RUN(a_name_that_several_have_is_none);
	RUN(what_is_wished_for_is_not_what_is_called_so);
	RUN(what_cannot_be_read_twice_is_not_looked_through);
	recording_close(&recording);
	return check_done();
}
