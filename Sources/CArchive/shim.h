#pragma once
#include <archive.h>
#include <archive_entry.h>
/* libarchive 3.6 skips the checksum and the length at the end of a gzip member, so gzip and deflate go to the zlib below it. */
#include <string.h>
#include <zlib.h>

/* inflateInit2 is a macro. 31 reads gzip, 15 zlib, -15 bare deflate. */
static inline int purser_inflate_start(z_streamp stream, int window_bits) {
    memset(stream, 0, sizeof *stream);
    return inflateInit2(stream, window_bits);
}
