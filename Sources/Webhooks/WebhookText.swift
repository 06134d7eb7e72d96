// SPDX-License-Identifier: EUPL-1.2

/// Texts of others in errors and outcomes.
enum WebhookText {
    /// The beginning of a text, without characters on which a terminal or a page would act.
    static func shown(_ text: String, _ count: Int) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(count) { shown.append(isVisible(scalar) ? scalar : "\u{FFFD}") }
        return String(shown)
    }

    static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // Format: among them what turns the direction of writing.
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
        default: true
        }
    }
}
