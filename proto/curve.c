/* SPDX-License-Identifier: MIT */
/* proto/curve.c - key files, CURVE options, the ZAP handler. */
#include "proto/curve.h"

#include "proto/log.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <unistd.h>

#define KEY_TEXT_BYTES 40 /* Z85 of 32 bytes */

static const enum party kinds[] = { GATEWAY, ROUTER, PRESENCE, STORE,
				    AUTH,    TOOL,   HOOKS };
#define KINDS (sizeof kinds / sizeof *kinds)

struct curve {
	char secret[KEY_TEXT_BYTES + 1];
	char own[KEY_TEXT_BYTES + 1];
	struct {
		char text[KEY_TEXT_BYTES + 1];
		uint8_t bytes[32];
		bool known;
	} admitted[KINDS];
};

/* Reads one line of Z85. -1 with errno; EBADMSG if it is none. */
static int
read_key(const char *path, char key[KEY_TEXT_BYTES + 1])
{
	uint8_t bytes[32];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return -1;
	n = read(fd, key, KEY_TEXT_BYTES);
	close(fd);
	key[KEY_TEXT_BYTES] = '\0';
	if (n != KEY_TEXT_BYTES || zmq_z85_decode(bytes, key) == NULL) {
		errno = EBADMSG;
		return -1;
	}
	return 0;
}

static int
read_key_of(const char *folder, enum party kind, const char *ending,
	    char key[KEY_TEXT_BYTES + 1])
{
	char path[4096];
	int n = snprintf(path, sizeof path, "%s/%s.%s", folder,
			 party_name(kind), ending);

	if (n < 0 || (size_t)n >= sizeof path)
		errno = ENAMETOOLONG;
	else if (read_key(path, key) == 0)
		return 0;
	if (errno == ENOENT)
		return -1;
	log_error("bad_key", KT("file", path), KT("error", strerror(errno)));
	return -1;
}

static int
read_admitted(struct curve *curve, const char *folder)
{
	for (size_t i = 0; i < KINDS; i++) {
		char *text = curve->admitted[i].text;
		if (read_key_of(folder, kinds[i], "pub", text) != 0) {
			if (errno != ENOENT)
				return -1;
			continue;
		}
		zmq_z85_decode(curve->admitted[i].bytes, text);
		curve->admitted[i].known = true;
	}
	return 0;
}

struct curve *
curve_open(const char *folder, enum party self)
{
	struct curve *curve = calloc(1, sizeof *curve);

	if (curve == NULL)
		return NULL;
	if (read_key_of(folder, self, "key", curve->secret) != 0 ||
	    read_key_of(folder, self, "pub", curve->own) != 0) {
		log_error("no_key_pair", KT("folder", folder),
			  KT("kind", party_name(self)),
			  KT("hint", "parley-keys makes one"));
		curve_close(&curve);
		return NULL;
	}
	if (read_admitted(curve, folder) != 0)
		curve_close(&curve);
	return curve;
}

void
curve_close(struct curve **curve)
{
	if (*curve == NULL)
		return;
	OPENSSL_cleanse(*curve, sizeof **curve);
	free(*curve);
	*curve = NULL;
}

static int
set_text(void *socket, int option, const char *text)
{
	return zmq_setsockopt(socket, option, text, strlen(text) + 1);
}

int
curve_secure_server(const struct curve *curve, void *socket)
{
	int yes = 1;

	if (zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &yes, sizeof yes) == 0 &&
	    set_text(socket, ZMQ_CURVE_SECRETKEY, curve->secret) == 0 &&
	    set_text(socket, ZMQ_ZAP_DOMAIN, "parley") == 0)
		return 0;
	log_error("curve_failed", KT("error", zmq_strerror(errno)));
	return -1;
}

static size_t
place_of(enum party kind)
{
	size_t i = 0;

	while (i < KINDS - 1 && kinds[i] != kind)
		i++;
	return i;
}

int
curve_secure_client(const struct curve *curve, void *socket, enum party kind)
{
	size_t place = place_of(kind);

	if (!curve->admitted[place].known) {
		log_error("no_key_of_peer", KT("kind", party_name(kind)));
		return -1;
	}
	if (set_text(socket, ZMQ_CURVE_SERVERKEY,
		     curve->admitted[place].text) == 0 &&
	    set_text(socket, ZMQ_CURVE_PUBLICKEY, curve->own) == 0 &&
	    set_text(socket, ZMQ_CURVE_SECRETKEY, curve->secret) == 0)
		return 0;
	log_error("curve_failed", KT("error", zmq_strerror(errno)));
	return -1;
}

void *
curve_open_gate(void *context)
{
	void *gate = zmq_socket(context, ZMQ_REP);

	if (gate == NULL)
		return NULL;
	if (zmq_bind(gate, "inproc://zeromq.zap.01") != 0) {
		zmq_close(gate);
		return NULL;
	}
	return gate;
}

static const char *
admitted_kind(const struct curve *curve, const void *key, size_t n)
{
	for (size_t i = 0; n == 32 && i < KINDS; i++)
		if (curve->admitted[i].known &&
		    CRYPTO_memcmp(curve->admitted[i].bytes, key, 32) == 0)
			return party_name(kinds[i]);
	return NULL;
}

static void
send_verdict(void *gate, const void *request_id, size_t n, const char *kind)
{
	const char *parts[] = { kind ? "200" : "400",
				kind ? "OK" : "no such key", kind ? kind : "",
				"" };

	if (zmq_send(gate, "1.0", 3, ZMQ_SNDMORE) < 0 ||
	    zmq_send(gate, request_id, n, ZMQ_SNDMORE) < 0)
		return;
	for (int i = 0; i < 4; i++)
		(void)zmq_send(gate, parts[i], strlen(parts[i]),
			       i < 3 ? ZMQ_SNDMORE : 0);
}

/* version, request id, domain, address, identity, mechanism, key */
void
curve_answer_gate(const struct curve *curve, void *gate, zmq_msg_t *message)
{
	uint8_t request_id[256], key[32];
	size_t id_bytes = 0, key_bytes = 0;

	for (int part = 1; zmq_msg_more(message); part++) {
		if (zmq_msg_recv(message, gate, ZMQ_DONTWAIT) < 0)
			return;
		size_t n = zmq_msg_size(message);
		if (part == 1 && n <= sizeof request_id) {
			memcpy(request_id, zmq_msg_data(message), n);
			id_bytes = n;
		} else if (part == 6 && n == sizeof key) {
			memcpy(key, zmq_msg_data(message), n);
			key_bytes = n;
		}
	}
	send_verdict(gate, request_id, id_bytes,
		     admitted_kind(curve, key, key_bytes));
}
