// SPDX-License-Identifier: EUPL-1.2

import Glibc
import SBOM

/// The language that texts are printed in.
enum Language: String, Sendable, CaseIterable {
    case de, en

    /// One text in this language.
    func callAsFunction(_ text: LocalizedText) -> String { self == .de ? text.de : text.en }

    /// The language of this process: `--lang`, `KONTOR_LANG`, then the locale; help texts are made before options are parsed, so the
    /// arguments are looked through here.
    static let process: Language = {
        let arguments = CommandLine.arguments
        for (index, argument) in arguments.enumerated() {
            if argument.hasPrefix("--lang="), let language = Language(rawValue: String(argument.dropFirst(7))) {
                return language
            }
            if argument == "--lang", index + 1 < arguments.count,
                let language = Language(rawValue: arguments[index + 1])
            {
                return language
            }
        }
        return preferred(environment: processEnvironment)
    }()

    /// The language that an environment asks for.
    static func preferred(environment: [String: String]) -> Language {
        if let named = environment["KONTOR_LANG"], let language = Language(rawValue: named) { return language }
        for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
            guard let value = environment[name], !value.isEmpty else { continue }
            return value.hasPrefix("de") ? .de : .en
        }
        return .en
    }
}

/// The process's environment.
let processEnvironment: [String: String] = {
    var values: [String: String] = [:]
    var next = environ
    while let entry = next.pointee {
        let text = String(cString: entry)
        if let equal = text.firstIndex(of: "=") {
            values[String(text[..<equal])] = String(text[text.index(after: equal)...])
        }
        next += 1
    }
    return values
}()
