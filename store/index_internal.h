/* SPDX-License-Identifier: MIT */
/* store/index_internal.h - what the two halves of the index share: index.c
 * writes search.db, index_search.c reads it.
 */
#ifndef PARLEY_STORE_INDEX_INTERNAL_H
#define PARLEY_STORE_INDEX_INTERNAL_H

#include <stdint.h>

enum chat_statement {
#define STATEMENT(name, sql) CHAT_##name,
#include "store/index_chat.def"
	CHAT_STATEMENTS,
};

enum words_statement {
#define STATEMENT(name, sql) WORDS_##name,
#include "store/index_words.def"
	WORDS_STATEMENTS,
};

/* Monotonic, in milliseconds. */
uint64_t index_clock_ms(void);

#endif
