/* SPDX-License-Identifier: MIT */
/* tests/unit/parley-tap/lines_test.c - lines for people stand below each other.
 */
#include "tools/parley-tap/lines.h"

#include "tests/unit/check.h"
#include "tests/unit/parley-tap/fixture.h"

static struct buffer line;

/* The line, without its line break and its time. */
static const char *
line_of(const char *way, const struct frame *frame)
{
	const struct heard heard = heard_at(1, way, frame);
	const struct style style = { 0 };

	buffer_clear(&line);
	CHECK_INT(line_append(&line, &style, &heard), 0);
	CHECK(line.n > 0 && line.bytes[line.n - 1] == '\n');
	line.bytes[line.n - 1] = '\0';
	return (const char *)line.bytes + strlen("00:00:00.000  ");
}

static void
columns_hold_the_longest_frame_and_a_tool(void)
{
	const struct uuid user = id_of(1);
	struct frame ask = { .kind = FRAME_list_rooms, .id = 7 };
	struct frame frame = { .kind = FRAME_unsubscribe_users, .id = 8 };

	ask.list_rooms.name = slice_of("den");
	CHECK_STR(line_of("store in parleyctl-6149", &ask),
		  "store     ← parleyctl-6149 list_rooms        #7    "
		  "name=\"den\"");
	frame.unsubscribe_users.users = (frame_UUIDS){ &user, 1 };
	CHECK_STR(line_of("router in gateway-2", &frame),
		  "router    ← gateway-2      unsubscribe_users #8    "
		  "users=…11111111");
}

static void
no_line_ends_with_blanks(void)
{
	struct frame done = { .kind = FRAME_done, .id = 5 };

	CHECK_STR(line_of("store out gateway", &done),
		  "store     → gateway        done              #5");
	done.id = 0;
	CHECK_STR(line_of("store out gateway", &done),
		  "store     → gateway        done");
}

int
main(void)
{
	RUN(columns_hold_the_longest_frame_and_a_tool);
	RUN(no_line_ends_with_blanks);
	buffer_fini(&line);
	return check_done();
}
