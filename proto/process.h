/* SPDX-License-Identifier: MIT */
/* proto/process.h - what this process costs: CPU, memory, descriptors.
 *
 * What is read of /proc is opened before the sandbox closes, and read again and
 * again. Where there is no /proc, the figures stay 0.
 */
#ifndef PARLEY_PROTO_PROCESS_H
#define PARLEY_PROTO_PROCESS_H

#include "proto/figures.h"

struct process_files {
	int memory; /* -1: cannot be told */
	int descriptors;
};

void process_open(struct process_files *files);
void process_close(struct process_files *files);

/* Brings the process's figures up to date. */
void process_measure(const struct process_files *files,
		     struct common_figures *figures);

#endif
