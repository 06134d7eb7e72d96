// SPDX-License-Identifier: EUPL-1.2
#ifndef KONTOR_CONFINEMENT_H
#define KONTOR_CONFINEMENT_H
#endif
