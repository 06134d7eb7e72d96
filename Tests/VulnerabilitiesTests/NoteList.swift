// SPDX-License-Identifier: EUPL-1.2

import Synchronization

/// What was told to a closure, in order.
final class NoteList: Sendable {
    private let notes = Mutex<[String]>([])

    var all: [String] { notes.withLock { $0 } }

    func add(_ note: String) { notes.withLock { $0.append(note) } }
}
