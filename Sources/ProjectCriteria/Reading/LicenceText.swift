// SPDX-License-Identifier: EUPL-1.2

internal import SBOM

/// Which licence a text is, told by phrases that only it has.
enum LicenceText {
    /// The SPDX identifier of a licence text; nil when it is not recognised.
    ///
    /// A line with an SPDX licence tag decides where there is one.
    static func identifier(of text: String) -> String? {
        if let stated = stated(in: text).first { return stated }
        let plain = normalised(text)
        return phrases.first { entry in
            entry.all.allSatisfy { plain.contains($0) } && !entry.none.contains { plain.contains($0) }
        }?
        .id
    }

    /// Expressions of SPDX licence lines that can be read.
    static func stated(in text: String) -> [String] {
        // REUSE-IgnoreStart
        text.matches(of: /SPDX-License-Identifier:[ \t]*([^\r\n*]+)/).compactMap { match in
            // REUSE-IgnoreEnd
            let expression = match.output.1.replacing("-->", with: "").trimmingSpaces
            return (try? SPDXExpression(parsing: expression)).map { _ in expression }
        }
    }

    private static func normalised(_ text: String) -> String {
        text.prefix(64 << 10).lowercased().split { $0.isWhitespace || $0 == "#" || $0 == "*" || $0 == "/" }.joined(
            separator: " "
        )
    }

    /// The more special licence stands before the one whose phrases it also has.
    private static let phrases: [(id: String, all: [String], none: [String])] = [
        ("EUPL-1.2", ["european union public licence", "v. 1.2"], []),
        ("EUPL-1.1", ["european union public licence", "v. 1.1"], []),
        ("AGPL-3.0-only", ["gnu affero general public license", "version 3"], []),
        ("LGPL-3.0-only", ["gnu lesser general public license", "version 3, 29 june 2007"], []),
        ("LGPL-2.1-only", ["gnu lesser general public license", "version 2.1, february 1999"], []),
        ("GPL-3.0-only", ["gnu general public license", "version 3, 29 june 2007"], []),
        ("GPL-2.0-only", ["gnu general public license", "version 2, june 1991"], []),
        ("Apache-2.0", ["apache license", "version 2.0, january 2004"], []),
        ("MPL-2.0", ["mozilla public license", "version 2.0"], []),
        ("EPL-2.0", ["eclipse public license", "v 2.0"], []),
        ("BSL-1.0", ["boost software license", "version 1.0"], []),
        ("CC0-1.0", ["cc0 1.0 universal"], []),
        ("Unlicense", ["this is free and unencumbered software released into the public domain"], []),
        (
            "ISC",
            ["permission to use, copy, modify, and or distribute this software for any purpose with or without fee"], []
        ),
        (
            "MIT",
            [
                "permission is hereby granted, free of charge, to any person obtaining a copy",
                "the software is provided",
            ], []
        ),
        (
            "BSD-3-Clause",
            ["redistribution and use in source and binary forms", "neither the name of"], ["all advertising materials"]
        ),
        (
            "BSD-2-Clause",
            ["redistribution and use in source and binary forms"], ["neither the name", "all advertising materials"]
        ),
    ]
}

/// Licences of expressions against a list of those that are allowed.
enum LicenceRule {
    /// Identifiers of an expression that are not on the list; of alternatives one is enough.
    static func forbidden(in expression: String, allowed: Set<String>) -> [String] {
        guard let parsed = try? SPDXExpression(parsing: expression) else { return [expression] }
        return isAllowed(parsed, allowed, depth: 0) ? [] : parsed.identifiers.filter { !allowed.contains($0) }
    }

    private static func isAllowed(_ expression: SPDXExpression, _ allowed: Set<String>, depth: Int) -> Bool {
        // Deeper nesting is nobody's licence; the safe answer is no.
        guard depth < 64 else { return false }
        switch expression {
        case .license(let id, _): return allowed.contains(id)
        case .with(let license, _): return isAllowed(license, allowed, depth: depth + 1)
        case .and(let left, let right):
            return isAllowed(left, allowed, depth: depth + 1) && isAllowed(right, allowed, depth: depth + 1)
        case .or(let left, let right):
            return isAllowed(left, allowed, depth: depth + 1) || isAllowed(right, allowed, depth: depth + 1)
        }
    }
}
