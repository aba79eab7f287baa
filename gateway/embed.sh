#!/bin/bash
# SPDX-License-Identifier: MIT
# embed.sh FILE... - prints a C source that holds the files, as declared in
# gateway/web_files.h, for the gateway to serve without opening a file.
#
# A file is served under its own name at the root ("/app.js"); index.html is
# "/". The ETag is made from the content: it changes when the file does.
set -euo pipefail

media_type() {
	case $1 in
	*.html) echo 'text/html; charset=utf-8' ;;
	*.css) echo 'text/css; charset=utf-8' ;;
	*.js) echo 'text/javascript; charset=utf-8' ;;
	*.svg) echo 'image/svg+xml' ;;
	*)
		echo "embed.sh: $1: no media type is known for it" >&2
		return 1
		;;
	esac
}

# An empty array is not C, so each ends in a byte that is not counted.
print_bytes() {
	printf '\nstatic const unsigned char bytes_%d[] = {\n' "$1"
	od -An -v -tx1 -w12 -- "$2" | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g'
	printf '0x00 };\n'
}

(($# > 0)) || {
	echo 'usage: embed.sh FILE...' >&2
	exit 2
}

printf '/* Made by gateway/embed.sh; changes belong into gateway/web/. */\n'
printf '#include "gateway/web_files.h"\n'

rows=
for ((i = 1; i <= $#; i++)); do
	file=${!i}
	name=${file##*/}
	if [[ $name =~ [^A-Za-z0-9._-] ]]; then
		echo "embed.sh: $file: use letters, digits, '.', '_', '-'" >&2
		exit 1
	fi
	type=$(media_type "$name")
	hash=$(sha256sum <"$file")
	[[ $name == index.html ]] && name=
	print_bytes "$i" "$file"
	printf -v row '\t{ "/%s", "%s",\n\t  "\\"%.32s\\"", bytes_%d,\n' \
	    "$name" "$type" "$hash" "$i"
	printf -v end '\t  sizeof(bytes_%d) - 1 },\n' "$i"
	rows+=$row$end
done

printf '\nconst struct web_file web_files[] = {\n%s};\n' "$rows"
printf '\nconst size_t web_files_count = %d;\n' $#
