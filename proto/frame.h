/* SPDX-License-Identifier: MIT */
/* proto/frame.h - the frames of the bus: structs, packing, checked unpacking.
 *
 * Everything here is expanded from frames.def; nothing is written per frame. On
 * the wire a frame is one msgpack map: "frame" (its name), "id", "event"
 * and "trace" where they are not 0, then its fields by name.
 */
#ifndef PARLEY_PROTO_FRAME_H
#define PARLEY_PROTO_FRAME_H

#include "proto/arena.h"
#include "proto/buffer.h"
#include "proto/slice.h"
#include "proto/uuid.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The version that hello carries. */
#define FRAME_VERSION 2

/* No frame is larger when packed; a peer that sends one is not heard. */
#define FRAME_MAX_BYTES (1024 * 1024)

enum party {
	PART = 0,
	GATEWAY = 1,
	ROUTER = 2,
	PRESENCE = 4,
	STORE = 8,
	AUTH = 16,
	TOOL = 32,
	HOOKS = 64,
	ANY = 127,
};

typedef struct uuid frame_UUID;
typedef struct slice frame_TEXT;
typedef struct slice frame_BYTES;
typedef uint64_t frame_U64;
typedef bool frame_BOOL;
typedef struct {
	const struct uuid *at;
	size_t n; /* ids */
} frame_UUIDS;

/* A list's elements are an array of the part's struct, such as
 * `const struct frame_message *`. */
typedef struct {
	const void *items;
	size_t n; /* elements */
} frame_list;

/* clang-format off */
#define FRAME(f, from, to, help) struct frame_##f {
#define FIELD(f, name, type, need, min, max, help) frame_##type name;
#define LIST(f, name, part, need, max, help) frame_list name;
#define END(f) };
#include "proto/frames.def"

enum frame_kind {
	FRAME_none,
#define FRAME(f, from, to, help) FRAME_##f,
#define FIELD(f, name, type, need, min, max, help)
#define LIST(f, name, part, need, max, help)
#define END(f)
#include "proto/frames.def"
	FRAME_KINDS,
};

struct frame {
	enum frame_kind kind;
	uint64_t id;     /* joins a request and its answer; 0: neither */
	uint64_t event; /* its number on the link; 0: none */
	uint64_t trace; /* the client connection that it concerns; 0: none */
	bool repeated;  /* never on the wire: of an answer whose request we
			 * sent more than once */
	union {
#define FRAME(f, from, to, help) struct frame_##f f;
#define FIELD(f, name, type, need, min, max, help)
#define LIST(f, name, part, need, max, help)
#define END(f)
#include "proto/frames.def"
	};
};
/* clang-format on */

/* Why a request was refused; errors.def has the words. */
enum error_code {
	ERROR_none,
#define ERROR(code, http, help) ERROR_##code,
#include "proto/errors.def"
	ERROR_CODES,
};

/* The word on the wire, and back; an unknown word reads as unavailable. */
const char *error_name(enum error_code code);
enum error_code error_find(struct slice name);

/* The HTTP status for it. */
int error_http_status(enum error_code code);

/* The name of a frame, and back (FRAME_none if there is none). */
const char *frame_name(enum frame_kind kind);
enum frame_kind frame_find(struct slice name);

/* The parties, as bits, that may send and get a frame of this kind. */
unsigned frame_from(enum frame_kind kind);
unsigned frame_to(enum frame_kind kind);

/* Whether frames of this kind come as answers only, and so need no route. */
bool frame_is_answer(enum frame_kind kind);

/* The lower-case word of one party, and back (0 if there is none). */
const char *party_name(enum party party);
enum party party_find(struct slice name);

/* Appends the packed frame to `into`. Optional fields that are empty are left
 * out. 0, or -1 with errno ENOMEM, or EINVAL if a field breaks its row's bounds
 * (then `*wrong`, if given, names it) or EMSGSIZE beyond FRAME_MAX_BYTES;
 * `into` is then as before. */
int frame_pack(const struct frame *frame, struct buffer *into,
	       const char **wrong);

/* As frame_pack(), but SECRET and HIDDEN fields read "(hidden)". */
int frame_pack_public(const struct frame *frame, struct buffer *into);

/* Whether frames of this kind have fields that nobody may see. */
bool frame_has_secrets(enum frame_kind kind);

/* Reads the frame that starts at `bytes`. Text, bytes and ids in *frame point
 * into `bytes`, lists into `arena`. Returns the bytes that it took, or -1 with
 * errno ENOMEM or EBADMSG; then *wrong says in a few words what was wrong. A
 * frame of a kind that we do not know reads as FRAME_none. */
ssize_t frame_unpack(struct frame *frame, struct arena *arena,
		     const uint8_t *bytes, size_t n, const char **wrong);

/* As frame_unpack(), of a frame that frame_pack_public() packed: secrets are
 * whatever text stands in their place. */
ssize_t frame_unpack_public(struct frame *frame, struct arena *arena,
			    const uint8_t *bytes, size_t n, const char **wrong);

/* Whether a secret was hidden in this frame when it was packed. */
bool frame_hides_something(const struct frame *frame);

/* Appends the frame as one line of JSON without the newline; secrets hidden.
 * 0, or -1 with errno ENOMEM. */
int frame_print_json(const struct frame *frame, struct buffer *into);

#endif
