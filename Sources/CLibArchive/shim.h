// SPDX-License-Identifier: EUPL-1.2
#ifndef KONTOR_CLIBARCHIVE_SHIM_H
#define KONTOR_CLIBARCHIVE_SHIM_H
#include <archive.h>
#include <archive_entry.h>
#endif
