// SPDX-License-Identifier: EUPL-1.2

// This room is empty yet.
