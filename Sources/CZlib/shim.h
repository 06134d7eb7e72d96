// SPDX-License-Identifier: EUPL-1.2
#include <zlib.h>

// inflateInit2 is a macro that Swift cannot call.
static inline int kontor_inflate_init(z_streamp stream, int window_bits) { return inflateInit2(stream, window_bits); }
