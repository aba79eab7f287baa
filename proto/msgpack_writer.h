/* SPDX-License-Identifier: MIT */
/* proto/msgpack_writer.h - what a packer of msgpack-c needs to write text and
 * bytes into a buffer.
 *
 * All return what msgpack-c wants and gives: 0, or another number when memory
 * is out; then part of it may have been written.
 */
#ifndef PARLEY_PROTO_MSGPACK_WRITER_H
#define PARLEY_PROTO_MSGPACK_WRITER_H

#include "proto/buffer.h"
#include "proto/slice.h"

#include <msgpack.h>

/* For msgpack_packer_init() with a struct buffer. */
static inline int
msgpack_write_to_buffer(void *buffer, const char *bytes, size_t n)
{
	return buffer_append(buffer, bytes, n);
}

static inline int
msgpack_write_text(msgpack_packer *packer, struct slice text)
{
	if (msgpack_pack_str(packer, text.n) != 0)
		return -1;
	return msgpack_pack_str_body(packer, text.at, text.n);
}

static inline int
msgpack_write_bytes(msgpack_packer *packer, const void *at, size_t n)
{
	if (msgpack_pack_bin(packer, n) != 0)
		return -1;
	return msgpack_pack_bin_body(packer, at, n);
}

#endif
