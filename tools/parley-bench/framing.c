/* SPDX-License-Identifier: MIT */
#include "tools/parley-bench/framing.h"

#define MASKED    0x80
#define LENGTH_16 126
#define LENGTH_64 127

/* No server of ours or of others sends a larger one. */
#define FRAME_MAX (64u << 20)

static bool
read_length(struct slice in, size_t *header, uint64_t *length)
{
	const uint8_t *at = (const uint8_t *)in.at;
	size_t extended;

	if (in.n < 2)
		return false;
	*length = at[1] & 0x7f;
	extended = *length == LENGTH_64 ? 8 : *length == LENGTH_16 ? 2 : 0;
	*header = 2 + extended;
	if (in.n < *header)
		return false;
	if (extended > 0)
		*length = 0;
	for (size_t i = 0; i < extended; i++)
		*length = *length << 8 | at[2 + i];
	return true;
}

bool
framing_take(struct slice *in, enum wire_opcode *opcode, struct slice *payload,
	     bool *is_broken)
{
	size_t header;
	uint64_t length;

	*is_broken = false;
	if (!read_length(*in, &header, &length))
		return false;
	*is_broken = length > FRAME_MAX || (in->at[1] & MASKED) != 0;
	if (*is_broken || in->n - header < length)
		return false;
	*opcode = (enum wire_opcode)(in->at[0] & 0x0f);
	*payload = (struct slice){ in->at + header, (size_t)length };
	in->at += header + length;
	in->n -= header + length;
	return true;
}
