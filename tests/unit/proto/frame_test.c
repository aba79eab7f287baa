/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/frame_test.c - frames survive the way to bytes and back, and
 * bytes that are no frame are refused with a reason.
 */
#include "proto/frame_internal.h"
#include "tests/unit/check.h"

#include <errno.h>
#include <msgpack.h>

static struct arena arena;

static void
fill_uuid(struct uuid *id, uint8_t byte)
{
	memset(id->bytes, byte, sizeof id->bytes);
}

static struct frame
example_post(void)
{
	struct frame f = { .kind = FRAME_post, .id = 7, .trace = 9 };

	fill_uuid(&f.post.room, 1);
	fill_uuid(&f.post.user, 2);
	fill_uuid(&f.post.nonce, 3);
	f.post.user_number = 42;
	f.post.user_name = slice_of("Zoë");
	f.post.text = slice_of("hello");
	return f;
}

static void
a_frame_comes_back_as_it_went(void)
{
	struct frame f = example_post(), got;
	struct buffer packed = { 0 };

	CHECK_INT(frame_pack(&f, &packed, NULL), 0);
	CHECK_INT(frame_unpack(&got, &arena, packed.bytes, packed.n, NULL),
		  packed.n);
	CHECK_INT(got.kind, FRAME_post);
	CHECK_INT(got.id, 7);
	CHECK_INT(got.trace, 9);
	CHECK(uuid_equal(&got.post.room, &f.post.room));
	CHECK_INT(got.post.user_number, 42);
	CHECK(slice_is(got.post.user_name, "Zoë"));
	CHECK(slice_is(got.post.text, "hello"));
	CHECK(!got.post.visit);
	buffer_fini(&packed);
}

static void
lists_come_back_in_order(void)
{
	struct frame_position positions[3] = { 0 };
	struct frame f = { .kind = FRAME_heads }, got;
	struct buffer packed = { 0 };

	for (uint8_t i = 0; i < 3; i++) {
		fill_uuid(&positions[i].room, (uint8_t)(i + 1));
		positions[i].seq = i * 1000u;
	}
	f.heads.rooms = (frame_list){ positions, 3 };
	CHECK_INT(frame_pack(&f, &packed, NULL), 0);
	CHECK(frame_unpack(&got, &arena, packed.bytes, packed.n, NULL) > 0);
	const struct frame_position *p = got.heads.rooms.items;
	CHECK_INT(got.heads.rooms.n, 3);
	CHECK_INT(p[2].seq, 2000);
	CHECK(uuid_equal(&p[1].room, &positions[1].room));
	buffer_fini(&packed);
}

static void
frames_stand_back_to_back(void)
{
	struct frame f = example_post(), got;
	struct buffer packed = { 0 };

	CHECK_INT(frame_pack(&f, &packed, NULL), 0);
	size_t one = packed.n;
	CHECK_INT(frame_pack(&f, &packed, NULL), 0);
	CHECK_INT(frame_unpack(&got, &arena, packed.bytes, packed.n, NULL),
		  one);
	buffer_fini(&packed);
}

static void
what_breaks_its_bounds_is_not_packed(void)
{
	struct frame f = example_post();
	struct buffer packed = { 0 };
	const char *wrong = "";

	f.post.text = slice_of("");
	CHECK_INT(frame_pack(&f, &packed, &wrong), -1);
	CHECK_INT(errno, EINVAL);
	CHECK_STR(wrong, "text");
	CHECK_INT(packed.n, 0);
	buffer_fini(&packed);
}

static void
every_cut_is_refused(void)
{
	struct frame f = example_post(), got;
	struct buffer packed = { 0 };

	CHECK_INT(frame_pack(&f, &packed, NULL), 0);
	for (size_t n = 0; n < packed.n; n++)
		CHECK_INT(frame_unpack(&got, &arena, packed.bytes, n, NULL),
			  -1);
	buffer_fini(&packed);
}

/* Packs a map by msgpack-c alone: our reader against another writer. */
static void
pack_ping(msgpack_packer *p, const char *key, uint64_t value)
{
	msgpack_pack_map(p, 2);
	msgpack_pack_str_with_body(p, "frame", 5);
	msgpack_pack_str_with_body(p, "ping", 4);
	msgpack_pack_str_with_body(p, key, strlen(key));
	msgpack_pack_uint64(p, value);
}

static void
unknown_keys_are_passed_over(void)
{
	msgpack_sbuffer bytes;
	msgpack_packer p;
	struct frame got;

	msgpack_sbuffer_init(&bytes);
	msgpack_packer_init(&p, &bytes, msgpack_sbuffer_write);
	pack_ping(&p, "from_the_future", 1);
	CHECK(frame_unpack(&got, &arena, (const uint8_t *)bytes.data,
			   bytes.size, NULL) > 0);
	CHECK_INT(got.kind, FRAME_ping);
	msgpack_sbuffer_destroy(&bytes);
}

static void
unknown_frames_are_none(void)
{
	static const uint8_t bytes[] = "\x81\xa5"
				       "frame\xa6"
				       "future";
	struct frame got;

	CHECK_INT(frame_unpack(&got, &arena, bytes, sizeof bytes - 1, NULL),
		  sizeof bytes - 1);
	CHECK_INT(got.kind, FRAME_none);
}

static void
malformed_bytes_are_refused_with_a_reason(void)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *wrong;
	} cases[] = {
		{ "", 0, "no map" },
		{ "\x80", 1, "no map" },
		{ "\xc0", 1, "no map" },
		{ "\xdf\xff\xff\xff\xff", 5, "no map" },
		{ "\x81\xa2id\x01", 5, "the first key is not frame" },
		{ "\x81\xa5"
		  "frame\x01",
		  8, "frame" },
		{ "\x81\xa5"
		  "frame\xa4"
		  "post",
		  12, "room" },
		{ "\x82\xa5"
		  "frame\xa4"
		  "ping\xa4"
		  "seen\xa1x",
		  19, "seen" },
		{ "\x82\xa5"
		  "frame\xa4"
		  "ping\xa2id\xff",
		  16, "id" },
		{ "\x83\xa5"
		  "frame\xa4"
		  "ping\xa4"
		  "seen\x01\xa4"
		  "seen\x01",
		  24, "a key comes twice" },
		{ "\x82\xa5"
		  "frame\xa4"
		  "ping\xa1x\xdd\xff\xff\xff\xff",
		  19, "a value is cut off" },
		{ "\x82\xa5"
		  "frame\xa7"
		  "refused\xa4"
		  "code\xa2\xff\xfe",
		  23, "code" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *wrong = "";
		struct frame got;
		CHECK_INT(frame_unpack(&got, &arena,
				       (const uint8_t *)cases[i].bytes,
				       cases[i].n, &wrong),
			  -1);
		CHECK_STR(wrong, cases[i].wrong);
	}
}

static void
nobody_sees_a_secret(void)
{
	struct frame f = { .kind = FRAME_login }, got;
	struct buffer packed = { 0 }, json = { 0 };

	f.login.username = slice_of("alice");
	f.login.password = slice_of("open sesame");
	f.login.address = slice_of("127.0.0.1");
	CHECK(frame_has_secrets(FRAME_login));
	CHECK_INT(frame_pack_public(&f, &packed), 0);
	CHECK(memmem(packed.bytes, packed.n, "sesame", 6) == NULL);
	CHECK(frame_unpack(&got, &arena, packed.bytes, packed.n, NULL) > 0);
	CHECK(slice_is(got.login.password, "(hidden)"));
	CHECK_INT(frame_print_json(&f, &json), 0);
	CHECK_INT(buffer_append(&json, "", 1), 0);
	CHECK_STR((const char *)json.bytes,
		  "{\"frame\":\"login\",\"username\":\"alice\","
		  "\"password\":\"(hidden)\",\"address\":\"127.0.0.1\"}");
	buffer_fini(&packed);
	buffer_fini(&json);
}

/* What stands in a secret's place is too short for an invite's code, and no key
 * of a room. */
static void
what_a_tap_tells_can_be_read_whatever_it_hides(void)
{
	struct frame f = { .kind = FRAME_unsealed }, got;
	struct buffer packed = { 0 };
	char key[32] = "a key of thirty-two bytes, truly";

	memset(&f.unsealed.room, 7, sizeof f.unsealed.room);
	f.unsealed.join_key = slice_of("a join key");
	f.unsealed.key = (frame_BYTES){ key, sizeof key };
	CHECK_INT(frame_pack_public(&f, &packed), 0);
	CHECK(frame_unpack(&got, &arena, packed.bytes, packed.n, NULL) < 0);
	CHECK(frame_unpack_public(&got, &arena, packed.bytes, packed.n, NULL) >
	      0);
	CHECK(slice_is(got.unsealed.key, "(hidden)"));
	CHECK(uuid_equal(&got.unsealed.room, &f.unsealed.room));
	CHECK(frame_hides_something(&got));
	got.kind = FRAME_verify;
	memset(&got.verify, 0, sizeof got.verify);
	CHECK(!frame_hides_something(&got));
	got.verify.cookie = slice_of("(hidden)");
	CHECK(frame_hides_something(&got));
	buffer_fini(&packed);
}

/* The keys that every frame may carry are no frame's own. */
static void
check_field(const struct field_row *field)
{
	CHECK(*field->help != '\0');
	CHECK(strcmp(field->name, "frame") != 0);
	CHECK(strcmp(field->name, "id") != 0);
	CHECK(strcmp(field->name, "event") != 0);
}

static void
every_frame_has_its_help(void)
{
	for (int kind = 1; kind < FRAME_KINDS; kind++) {
		const struct frame_row *row = &frame_rows[kind];
		CHECK(row->help != NULL && *row->help != '\0');
		CHECK_INT(frame_find(slice_of(row->name)), kind);
		CHECK(row->field_count <= 32);
		for (size_t i = 0; i < row->field_count; i++)
			check_field(&row->fields[i]);
	}
}

int
main(void)
{
	RUN(a_frame_comes_back_as_it_went);
	RUN(lists_come_back_in_order);
	RUN(frames_stand_back_to_back);
	RUN(what_breaks_its_bounds_is_not_packed);
	RUN(every_cut_is_refused);
	RUN(unknown_keys_are_passed_over);
	RUN(unknown_frames_are_none);
	RUN(malformed_bytes_are_refused_with_a_reason);
	RUN(nobody_sees_a_secret);
	RUN(what_a_tap_tells_can_be_read_whatever_it_hides);
	RUN(every_frame_has_its_help);
	arena_fini(&arena);
	return check_done();
}
