/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/amounts.h - numbers as people read them, each in a few
 * columns; "-" for what is not known (NAN).
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_AMOUNTS_H
#define PARLEY_TOOLS_PARLEYCTL_AMOUNTS_H

#define AMOUNT_BYTES 32

/* All return `into`. */

/* "1,234,567"; "12.5" where it is no whole number below 100. */
const char *amount_count(char into[AMOUNT_BYTES], double number);

/* Of something a second: "0", "3.2", "1,234" */
const char *amount_rate(char into[AMOUNT_BYTES], double number);

/* "640 B", "24.1 MiB" */
const char *amount_bytes(char into[AMOUNT_BYTES], double bytes);

/* How long something takes: "0.25 ms", "12 ms", "1.25 s" */
const char *amount_delay(char into[AMOUNT_BYTES], double seconds);

/* How long something has lasted: "12s", "3m 4s", "5h 6m", "7d 8h" */
const char *amount_age(char into[AMOUNT_BYTES], double seconds);

/* "3.2%", "87%" */
const char *amount_percent(char into[AMOUNT_BYTES], double part_of_100);

#endif
