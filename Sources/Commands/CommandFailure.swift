// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Why a command ends without its result; printed on standard error, exit code 2 unless said otherwise.
struct CommandFailure: Error, Equatable {
    /// What, where, why, what next.
    let text: LocalizedText
    /// Exit code of the process.
    let code: Int32

    init(_ text: LocalizedText, code: Int32 = 2) {
        self.text = text
        self.code = code
    }

    init(_ text: String, code: Int32 = 2) { self.init(LocalizedText(de: text, en: text), code: code) }
}
