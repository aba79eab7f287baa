/* SPDX-License-Identifier: MIT */
/* gateway/web_files.h - the demo page, as part of the program.
 *
 * gateway/embed.sh turns the files of gateway/web/ into the array declared
 * here when the gateway is built, so that the daemon opens no file for it.
 */
#ifndef GATEWAY_WEB_FILES_H
#define GATEWAY_WEB_FILES_H

#include <stddef.h>

struct web_file {
	const char *name;       /* path as asked for: "/", "/app.js" */
	const char *media_type; /* value of Content-Type */
	const char *etag;       /* strong, with its quotes; RFC 9110 8.8.3 */
	const unsigned char *bytes;
	size_t length; /* of bytes */
};

/* In the order that the files were named in; all of it is constant. */
extern const struct web_file web_files[];
extern const size_t web_files_count;

#endif
