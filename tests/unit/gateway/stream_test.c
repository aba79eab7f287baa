/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/stream_test.c - do a server's and a client's end of a
 * socket agree, talk, wait, end, through TLS?
 */
#include "tests/unit/gateway/tls_pair.h"

#include <sys/epoll.h>

static void
write_files(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	write_pair(key);
	EVP_PKEY_free(key);
}

static void
push(struct outbox *box, const uint8_t *bytes, size_t n)
{
	struct parcel *parcel = parcel_new(n);

	memcpy(parcel->bytes, bytes, n);
	CHECK_INT(outbox_push(box, parcel), 0);
	parcel_drop(parcel);
}

static void
both_sides_agree_and_talk(void)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

	for (size_t i = 0; i < 2; i++) {
		struct pair p;
		struct outbox box = { 0 };
		uint8_t room[16 * 1024];

		pair_init(&p, versions[i]);
		CHECK_INT(agree(&p), 1);
		CHECK_INT(SSL_version(p.client), versions[i]);
		CHECK_INT(stream_read(&p.stream, room, sizeof room), 0);
		CHECK_INT(SSL_write(p.client, "hello", 5), 5);
		CHECK_INT(stream_read(&p.stream, room, sizeof room), 5);
		push(&box, (const uint8_t *)"hello back", 10);
		CHECK_INT(stream_write(&p.stream, &box), 1);
		CHECK_INT(SSL_read(p.client, room, sizeof room), 10);
		CHECK(stream_sent(&p.stream) > 10);
		pair_fini(&p);
	}
}

/* Not even an alert goes to who speaks HTTP. */
static void
plain_text_is_refused_without_a_word(void)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	struct pair p;
	struct outbox box = { 0 };
	char room[16];

	pair_init(&p, 0);
	CHECK_INT(stream_agree(&p.stream), 0);
	CHECK(send(p.fds[1], request, sizeof request - 1, 0) > 0);
	CHECK_INT(stream_agree(&p.stream), -1);
	push(&box, (const uint8_t *)"a secret", 8);
	CHECK_INT(stream_write(&p.stream, &box), -1);
	CHECK_INT(stream_end(&p.stream), 1);
	CHECK_INT(recv(p.fds[1], room, sizeof room, 0), 0);
	outbox_fini(&box);
	pair_fini(&p);
}

static void
nothing_is_written_before_both_sides_agree(void)
{
	struct pair p;
	struct outbox box = { 0 };
	char room[16];

	pair_init(&p, 0);
	push(&box, (const uint8_t *)"a secret", 8);
	CHECK_INT(stream_write(&p.stream, &box), -1);
	CHECK_INT(recv(p.fds[1], room, sizeof room, 0), -1);
	outbox_fini(&box);
	pair_fini(&p);
}

static void
many_small_parcels_are_few_records(void)
{
	struct pair p;
	struct outbox box = { 0 };
	uint8_t room[32 * 1024];
	size_t got = 0;

	pair_init(&p, TLS1_2_VERSION);
	CHECK_INT(agree(&p), 1);
	for (int i = 0; i < 1000; i++)
		push(&box, (const uint8_t *)"twenty bytes of text", 20);
	for (int i = 0; i < TRIES && got < 20000; i++) {
		int n;

		CHECK(stream_write(&p.stream, &box) >= 0);
		n = SSL_read(p.client, room, sizeof room);
		got += n > 0 ? (size_t)n : 0;
	}
	CHECK_INT(got, 20000);
	CHECK_INT(p.records, 2);
	outbox_fini(&box);
	pair_fini(&p);
}

static uint8_t
pattern(size_t i)
{
	return (uint8_t)(i * 31 + i / 251);
}

/* Parcels are added while a record is half written. */
static void
what_a_full_socket_refuses_follows_in_order(void)
{
	enum { TOTAL = 1024 * 1024 };
	struct pair p;
	struct outbox box = { 0 };
	uint8_t room[3000];
	size_t pushed = 0, got = 0, size = 1;
	bool was_full = false, is_right = true;

	pair_init(&p, 0);
	CHECK_INT(agree(&p), 1);
	for (int i = 0; i < TRIES && got < TOTAL; i++) {
		int n, rc;

		for (int k = 0; k < 3 && pushed < TOTAL; k++) {
			size_t piece = size % sizeof room + 1;

			if (piece > TOTAL - pushed)
				piece = TOTAL - pushed;
			for (size_t j = 0; j < piece; j++)
				room[j] = pattern(pushed + j);
			push(&box, room, piece);
			pushed += piece;
			size = size * 7 + 3;
		}
		rc = stream_write(&p.stream, &box);
		CHECK(rc >= 0);
		was_full = was_full || rc == 0;
		n = SSL_read(p.client, room, sizeof room);
		for (int j = 0; j < n; j++)
			is_right =
			    is_right && room[j] == pattern(got + (size_t)j);
		got += n > 0 ? (size_t)n : 0;
	}
	CHECK_INT(got, TOTAL);
	CHECK(is_right);
	CHECK(was_full);
	CHECK(outbox_is_empty(&box));
	outbox_fini(&box);
	pair_fini(&p);
}

static void
a_record_is_read_whole_so_that_none_of_it_waits_unseen(void)
{
	static uint8_t sent[16 * 1024], room[16 * 1024];
	struct pair p;
	ssize_t n = 0;

	pair_init(&p, 0);
	CHECK_INT(agree(&p), 1);
	CHECK_INT(SSL_write(p.client, sent, sizeof sent), sizeof sent);
	for (int i = 0; i < TRIES && n == 0; i++)
		n = stream_read(&p.stream, room, sizeof room);
	CHECK_INT(n, sizeof sent);
	CHECK_INT(SSL_has_pending(p.stream.ssl), 0);
	pair_fini(&p);
}

static void
the_end_is_said_and_heard(void)
{
	struct pair p;
	uint8_t room[16 * 1024];

	pair_init(&p, 0);
	CHECK_INT(agree(&p), 1);
	CHECK_INT(stream_end(&p.stream), 1);
	CHECK_INT(SSL_read(p.client, room, sizeof room), 0);
	CHECK_INT(SSL_get_shutdown(p.client), SSL_RECEIVED_SHUTDOWN);
	CHECK_INT(SSL_write(p.client, "late", 4), 4);
	CHECK_INT(stream_read(&p.stream, room, sizeof room), 4);
	CHECK_INT(SSL_shutdown(p.client), 1);
	CHECK_INT(stream_read(&p.stream, room, sizeof room), -1);
	CHECK_INT(stream_end(&p.stream), 1);
	pair_fini(&p);
}

static void
a_client_that_ends_is_answered(void)
{
	struct pair p;
	uint8_t room[16 * 1024];

	pair_init(&p, 0);
	CHECK_INT(agree(&p), 1);
	CHECK_INT(SSL_shutdown(p.client), 0);
	CHECK_INT(stream_read(&p.stream, room, sizeof room), -1);
	stream_abandon(&p.stream);
	CHECK_INT(SSL_read(p.client, room, sizeof room), 0);
	CHECK_INT(SSL_get_error(p.client, 0), SSL_ERROR_ZERO_RETURN);
	pair_fini(&p);
}

static void
garbage_in_a_session_ends_it(void)
{
	struct pair p;
	struct outbox box = { 0 };
	uint8_t room[16 * 1024];

	pair_init(&p, 0);
	CHECK_INT(agree(&p), 1);
	CHECK(send(p.fds[1],
		   "\x17\x03\x03\0\x20no record of this session at all", 37,
		   0) > 0);
	CHECK_INT(stream_read(&p.stream, room, sizeof room), -1);
	push(&box, (const uint8_t *)"a secret", 8);
	CHECK_INT(stream_write(&p.stream, &box), -1);
	CHECK_INT(stream_read(&p.stream, room, sizeof room), -1);
	outbox_fini(&box);
	pair_fini(&p);
}

/* --- Events */

static void
what_is_waited_for_is_what_can_be_done(void)
{
	static const struct {
		bool read_wants_room, write_wants_input, reads, writes;
		uint32_t awaited;
		uint32_t on_input, on_room;
	} cases[] = {
		{ 0, 0, 1, 0, EPOLLIN, EPOLLIN, EPOLLOUT },
		{ 0, 0, 1, 1, EPOLLIN | EPOLLOUT, EPOLLIN, EPOLLOUT },
		{ 0, 0, 0, 1, EPOLLOUT, 0, EPOLLOUT },
		{ 0, 0, 0, 0, 0, 0, EPOLLOUT },
		{ 1, 0, 1, 0, EPOLLOUT, 0, EPOLLIN | EPOLLOUT },
		{ 1, 0, 0, 0, 0, 0, EPOLLOUT },
		{ 0, 1, 1, 1, EPOLLIN, EPOLLIN | EPOLLOUT, 0 },
		{ 0, 1, 0, 1, EPOLLIN, EPOLLOUT, 0 },
		{ 1, 1, 1, 1, EPOLLIN | EPOLLOUT, EPOLLOUT, EPOLLIN },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct stream s = { .read_wants_room =
					      cases[i].read_wants_room,
					  .write_wants_input =
					      cases[i].write_wants_input };
		bool reads = cases[i].reads;

		CHECK_INT(stream_events(&s, reads, cases[i].writes),
			  cases[i].awaited);
		CHECK_INT(stream_ready(&s, EPOLLIN, reads), cases[i].on_input);
		CHECK_INT(stream_ready(&s, EPOLLOUT, reads), cases[i].on_room);
		CHECK_INT(stream_ready(&s, EPOLLHUP, reads), EPOLLHUP);
	}
}

static void
remove_files(void)
{
	static const char *const names[] = { "key.pem", "cert.pem" };

	leave_folder(names, sizeof names / sizeof *names);
}

int
main(void)
{
	if (enter_folder("stream_test") != 0)
		return 1;
	write_files();
	RUN(both_sides_agree_and_talk);
	RUN(plain_text_is_refused_without_a_word);
	RUN(nothing_is_written_before_both_sides_agree);
	RUN(many_small_parcels_are_few_records);
	RUN(what_a_full_socket_refuses_follows_in_order);
	RUN(a_record_is_read_whole_so_that_none_of_it_waits_unseen);
	RUN(the_end_is_said_and_heard);
	RUN(a_client_that_ends_is_answered);
	RUN(garbage_in_a_session_ends_it);
	RUN(what_is_waited_for_is_what_can_be_done);
	RUN(remove_files);
	return check_done();
}
