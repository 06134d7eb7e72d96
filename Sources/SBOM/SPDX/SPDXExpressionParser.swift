// SPDX-License-Identifier: EUPL-1.2

/// Recursive descent over the tokens of one expression: `OR` binds loosest, then `AND`, then `WITH`.
struct SPDXExpressionParser {
    private struct Token {
        let text: String
        let offset: Int
    }

    private var tokens: [Token] = []
    private var position = 0
    private var depth = 0
    private let end: Int

    init(_ text: String) throws(SPDXExpressionError) {
        let bytes = Array(text.utf8)
        end = bytes.count
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            case 0x28, 0x29:
                tokens.append(Token(text: bytes[index] == 0x28 ? "(" : ")", offset: index))
                index += 1
            default:
                let start = index
                while index < bytes.count, Self.isWord(bytes[index]) { index += 1 }
                guard index > start else { throw .unexpectedCharacter(offset: index) }
                tokens.append(Token(text: String(decoding: bytes[start..<index], as: UTF8.self), offset: start))
            }
        }
        guard !tokens.isEmpty else { throw .empty }
    }

    mutating func expression() throws(SPDXExpressionError) -> SPDXExpression {
        let result = try alternatives()
        guard position == tokens.count else { throw unexpected("AND, OR, WITH or the end") }
        return result
    }

    private mutating func alternatives() throws(SPDXExpressionError) -> SPDXExpression {
        var left = try conjunction()
        while takeOperator("OR") { left = .or(left, try conjunction()) }
        return left
    }

    private mutating func conjunction() throws(SPDXExpressionError) -> SPDXExpression {
        var left = try term()
        while takeOperator("AND") { left = .and(left, try term()) }
        return left
    }

    private mutating func term() throws(SPDXExpressionError) -> SPDXExpression {
        guard position < tokens.count else { throw unexpected("a licence") }
        if tokens[position].text == "(" {
            position += 1
            depth += 1
            guard depth <= SPDXExpression.maximumDepth else { throw .tooDeep }
            let inner = try alternatives()
            guard position < tokens.count, tokens[position].text == ")" else { throw unexpected("\")\"") }
            position += 1
            depth -= 1
            return inner
        }
        let license = try license()
        guard takeOperator("WITH") else { return license }
        return .with(license, exception: try exception())
    }

    private mutating func license() throws(SPDXExpressionError) -> SPDXExpression {
        var word = try word("a licence")
        // "GPL-2.0+" is an identifier of its own in the list, deprecated; so the whole word is looked up first.
        if let known = SPDXLicenseTable.shared.licenses[word.lowercased()] { return .license(known, orLater: false) }
        let orLater = word.hasSuffix("+")
        if orLater { word.removeLast() }
        if let known = SPDXLicenseTable.shared.licenses[word.lowercased()] { return .license(known, orLater: orLater) }
        guard !orLater, Self.isReference(word, prefix: "LicenseRef-") else {
            throw .unknownLicense(String(word.prefix(80)))
        }
        return .license(word, orLater: false)
    }

    private mutating func exception() throws(SPDXExpressionError) -> String {
        let word = try word("an exception")
        if let known = SPDXLicenseTable.shared.exceptions[word.lowercased()] { return known }
        guard Self.isReference(word, prefix: "AdditionRef-") else { throw .unknownException(String(word.prefix(80))) }
        return word
    }

    private mutating func word(_ expected: String) throws(SPDXExpressionError) -> String {
        guard position < tokens.count else { throw unexpected(expected) }
        let token = tokens[position]
        guard token.text != "(", token.text != ")", !Self.isOperator(token.text) else { throw unexpected(expected) }
        position += 1
        return token.text
    }

    private mutating func takeOperator(_ name: String) -> Bool {
        guard position < tokens.count else { return false }
        let text = tokens[position].text
        guard text == name || text == name.lowercased() else { return false }
        position += 1
        return true
    }

    private func unexpected(_ expected: String) -> SPDXExpressionError {
        guard position < tokens.count else { return .unexpected(nil, expected: expected, offset: end) }
        let token = tokens[position]
        return .unexpected(String(token.text.prefix(80)), expected: expected, offset: token.offset)
    }

    private static func isOperator(_ text: String) -> Bool {
        ["AND", "OR", "WITH", "and", "or", "with"].contains(text)
    }

    /// `LicenseRef-name` or `DocumentRef-document:LicenseRef-name`.
    private static func isReference(_ word: String, prefix: String) -> Bool {
        let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 {
            guard parts[0].hasPrefix("DocumentRef-"), parts[0].utf8.count > 12 else { return false }
        }
        guard let last = parts.last, last.hasPrefix(prefix), last.utf8.count > prefix.utf8.count else { return false }
        return !last.utf8.contains(0x3A) && !word.utf8.contains(0x2B)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E: true
        default: false
        }
    }
}
