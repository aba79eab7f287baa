/* SPDX-License-Identifier: MIT */
/* proto/pid_file.h - one process of a name in a run folder.
 *
 * A second process that binds an ipc:// path succeeds and steals it, so the
 * lock on the pid file, which the kernel gives back at any death, decides.
 */
#ifndef PARLEY_PROTO_PID_FILE_H
#define PARLEY_PROTO_PID_FILE_H

/* Locks `path` and writes the process id. Returns the descriptor, which stays
 * open while the process lives, or -1 after a log line. */
int pid_file_open(const char *path);

/* Removes the file and gives the lock back. */
void pid_file_close(int fd, const char *path);

#endif
