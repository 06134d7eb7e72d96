// SPDX-License-Identifier: EUPL-1.2
#ifndef KONTOR_CLIBARCHIVE_SHIM_H
#define KONTOR_CLIBARCHIVE_SHIM_H
#include <archive.h>
#include <archive_entry.h>
// Extended attributes of files on disk: Swift's Glibc module leaves them out.
#include <sys/xattr.h>
#endif
