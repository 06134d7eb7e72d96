// SPDX-License-Identifier: EUPL-1.2
#include "confinement.h"
