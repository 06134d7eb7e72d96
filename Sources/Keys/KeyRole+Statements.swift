// SPDX-License-Identifier: EUPL-1.2

extension KeyRole {
    /// Whether keys of the role sign in-toto statements of a type; whoever verifies believes them nothing else.
    public func signs(statementsOf type: String) -> Bool {
        switch self {
        case .logNotes, .logTimestamps, .openPGP: return false
        default: break
        }
        let own = predicateTypes
        guard own.isEmpty else { return own.contains(where: type.hasPrefix) }
        return !Self.allCases.flatMap(\.predicateTypes).contains(where: type.hasPrefix)
    }
}
