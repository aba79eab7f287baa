/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/recording.c - see recording.h. */
#include "tools/parley-tap/recording.h"

#include "proto/msgpack_reader.h"
#include "proto/msgpack_writer.h"

#include <zlib.h>

#define ELEMENTS 7 /* of a frame's array, the checksum included */

static const char head_begins[] = "parley recording ";

enum recording_verdict
recording_head(const uint8_t *bytes, size_t n, size_t *used)
{
	const size_t head_n = strlen(RECORDING_HEAD);
	const size_t begins_n = strlen(head_begins);

	if (memcmp(bytes, head_begins, n < begins_n ? n : begins_n) != 0)
		return RECORDING_DAMAGED;
	if (memcmp(bytes, RECORDING_HEAD, n < head_n ? n : head_n) != 0)
		return RECORDING_LATER;
	if (n < head_n)
		return RECORDING_MORE;
	*used = head_n;
	return RECORDING_FINE;
}

/* --- Reading */

/* The next element, of this type; *verdict says why not. */
static bool
take(struct msgpack_reader *reader, enum msgpack_type type,
     struct msgpack_token *token, enum recording_verdict *verdict)
{
	*verdict = RECORDING_MORE;
	if (!msgpack_next(reader, token))
		return false;
	*verdict = RECORDING_DAMAGED;
	return token->type == type;
}

static bool
take_number(struct msgpack_reader *reader, uint64_t *number,
	    enum recording_verdict *verdict)
{
	struct msgpack_token token;

	if (!take(reader, MSGPACK_UINT, &token, verdict))
		return false;
	*number = token.number;
	return true;
}

/* `max` may be reached. */
static bool
take_run(struct msgpack_reader *reader, enum msgpack_type type, size_t max,
	 struct slice *run, enum recording_verdict *verdict)
{
	struct msgpack_token token;

	if (!take(reader, type, &token, verdict) || token.text.n > max)
		return false;
	*run = token.text;
	return true;
}

static bool
take_frame(struct msgpack_reader *reader, struct heard *heard,
	   enum recording_verdict *verdict)
{
	return take_number(reader, &heard->at_us, verdict) &&
	       take_number(reader, &heard->clock_us, verdict) &&
	       take_run(reader, MSGPACK_TEXT, DAEMON_BYTES_MAX, &heard->daemon,
			verdict) &&
	       take_run(reader, MSGPACK_TEXT, SUBJECT_BYTES_MAX,
			&heard->subject, verdict) &&
	       take_number(reader, &heard->number, verdict) &&
	       take_run(reader, MSGPACK_BYTES, FRAME_MAX_BYTES, &heard->packed,
			verdict);
}

static uint32_t
checksum(const uint8_t *bytes, size_t n)
{
	return (uint32_t)crc32(0, bytes, (uInt)n);
}

static enum recording_verdict
read_array(struct msgpack_reader *reader, struct heard *heard)
{
	const uint8_t *begin = reader->at;
	enum recording_verdict verdict;
	uint64_t sum;
	size_t n;

	/* msgpack: an array of so few elements begins with 0x90 plus them. An
	 * array that is cut off would not be read at all. */
	if (*begin != (0x90 | ELEMENTS))
		return RECORDING_DAMAGED;
	reader->at++;
	memset(heard, 0, sizeof *heard);
	if (!take_frame(reader, heard, &verdict))
		return verdict;
	n = (size_t)(reader->at - begin);
	if (!take_number(reader, &sum, &verdict))
		return verdict;
	return sum == checksum(begin, n) ? RECORDING_FINE : RECORDING_DAMAGED;
}

enum recording_verdict
recording_next(const uint8_t *bytes, size_t n, size_t *used,
	       struct heard *heard)
{
	struct msgpack_reader reader = { bytes, bytes + n };
	enum recording_verdict verdict;

	if (n == 0)
		return RECORDING_MORE;
	verdict = read_array(&reader, heard);
	if (verdict == RECORDING_MORE && n >= RECORDING_FRAME_MAX)
		return RECORDING_DAMAGED;
	*used = (size_t)(reader.at - bytes);
	return verdict;
}

/* --- Writing */

static int
pack_frame(msgpack_packer *p, const struct heard *heard)
{
	if (msgpack_pack_array(p, ELEMENTS) != 0 ||
	    msgpack_pack_uint64(p, heard->at_us) != 0 ||
	    msgpack_pack_uint64(p, heard->clock_us) != 0 ||
	    msgpack_write_text(p, heard->daemon) != 0 ||
	    msgpack_write_text(p, heard->subject) != 0 ||
	    msgpack_pack_uint64(p, heard->number) != 0)
		return -1;
	return msgpack_write_bytes(p, heard->packed.at, heard->packed.n);
}

int
recording_append(struct buffer *into, const struct heard *heard)
{
	msgpack_packer packer;
	size_t before = into->n;

	msgpack_packer_init(&packer, into, msgpack_write_to_buffer);
	if (pack_frame(&packer, heard) == 0 &&
	    msgpack_pack_uint32(
		&packer, checksum(into->bytes + before, into->n - before)) == 0)
		return 0;
	into->n = before;
	return -1;
}
