// SPDX-License-Identifier: EUPL-1.2

/// A licence expression: `EUPL-1.2 OR (Apache-2.0 WITH LLVM-exception AND MIT)`.
///
/// Identifiers are held as the SPDX list writes them, whatever their case in the text.
///
/// Source: SPDX specification 2.3, annex D "SPDX license expressions"; operators in upper or in lower case as of 3.0.
public indirect enum SPDXExpression: Sendable, Hashable {
    /// One licence: `GPL-2.0-only`, `LicenseRef-kontor`, or `EPL-1.0+` with `orLater`.
    case license(String, orLater: Bool)
    /// A licence with an exception.
    case with(SPDXExpression, exception: String)
    /// Both apply.
    case and(SPDXExpression, SPDXExpression)
    /// One of them, as the recipient likes.
    case or(SPDXExpression, SPDXExpression)

    /// Bytes of text that are read at most.
    public static let maximumLength = 16384
    /// Parentheses inside one another at most: the parser calls itself for each.
    public static let maximumDepth = 64
    /// The version of the SPDX License List that identifiers are looked up in.
    public static var listVersion: String { SPDXLicenseList.version }

    /// Reads an expression.
    ///
    /// - Throws: ``SPDXExpressionError`` for syntax and for identifiers that are not in the list; those in `LicenseRef-…` and
    ///   `AdditionRef-…` form are the writer's own and always accepted.
    public init(parsing text: String) throws(SPDXExpressionError) {
        guard text.utf8.count <= Self.maximumLength else { throw .tooLong(bytes: text.utf8.count) }
        var parser = try SPDXExpressionParser(text)
        self = try parser.expression()
    }

    /// The identifiers of licences in order of their appearance, each once, without exceptions and `+`.
    public var identifiers: [String] {
        var found: [String] = []
        forEachLicense { if !found.contains($0) { found.append($0) } }
        return found
    }

    /// The identifiers that the list has marked as deprecated.
    public var deprecatedIdentifiers: [String] {
        identifiers.filter { SPDXLicenseTable.shared.deprecated.contains($0) }
    }

    /// True for an identifier of the list, in any case.
    public static func isKnown(license: String) -> Bool {
        SPDXLicenseTable.shared.licenses[license.lowercased()] != nil
    }

    private func forEachLicense(_ body: (String) -> Void) {
        // A chain such as "MIT OR MIT OR …" is a tree that leans to the left, as deep as the text is long: no recursion.
        var open = [self]
        while let next = open.popLast() {
            switch next {
            case .license(let id, _): body(id)
            case .with(let license, _): open.append(license)
            case .and(let left, let right), .or(let left, let right):
                open.append(right)
                open.append(left)
            }
        }
    }
}

extension SPDXExpression: CustomStringConvertible {
    /// The expression in canonical form: operators in upper case, parentheses only where they are needed.
    public var description: String {
        enum Piece {
            case text(String)
            case expression(SPDXExpression, inAnd: Bool)
        }
        var result = ""
        var open: [Piece] = [.expression(self, inAnd: false)]
        while let next = open.popLast() {
            switch next {
            case .text(let text): result += text
            case .expression(.license(let id, let orLater), _): result += orLater ? id + "+" : id
            case .expression(.with(let license, let exception), _):
                open.append(.text(" WITH " + exception))
                open.append(.expression(license, inAnd: true))
            case .expression(.and(let left, let right), _):
                open.append(.expression(right, inAnd: true))
                open.append(.text(" AND "))
                open.append(.expression(left, inAnd: true))
            case .expression(.or(let left, let right), let inAnd):
                if inAnd { open.append(.text(")")) }
                open.append(.expression(right, inAnd: false))
                open.append(.text(" OR "))
                open.append(.expression(left, inAnd: false))
                if inAnd { open.append(.text("(")) }
            }
        }
        return result
    }
}

/// The list as look-up tables, made once.
struct SPDXLicenseTable: Sendable {
    /// Canonical identifiers by their lower-case form.
    let licenses: [String: String]
    let exceptions: [String: String]
    let deprecated: Set<String>

    static let shared = SPDXLicenseTable()

    private init() {
        let current = SPDXLicenseList.current.split(separator: " ").map(String.init)
        let old = SPDXLicenseList.deprecated.split(separator: " ").map(String.init)
        let exceptions = SPDXLicenseList.exceptions.split(separator: " ").map(String.init)
        licenses = Dictionary((current + old).map { ($0.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        self.exceptions = Dictionary(exceptions.map { ($0.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        deprecated = Set(old)
    }
}
