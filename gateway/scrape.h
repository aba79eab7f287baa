/* SPDX-License-Identifier: MIT */
/* gateway/scrape.h - the metrics of all daemons, for one answer of /metrics.
 *
 * Each daemon that a link stands to is asked at once; gateways have no links to
 * each other and are asked through one of those. Who has not answered within
 * SCRAPE_MS is missing, and parley_up says so. Requests that come meanwhile
 * wait for the same answer, so that many cost no more than one.
 */
#ifndef PARLEY_GATEWAY_SCRAPE_H
#define PARLEY_GATEWAY_SCRAPE_H

#include "gateway/connection.h"

#define SCRAPE_MS 450

/* Answers the connection's request, in this turn or within SCRAPE_MS. */
void scrape_serve(struct connection *connection);

#endif
