// SPDX-License-Identifier: EUPL-1.2

/// What was asked for on the command line.
struct Options {
    static let usage = """
        usage: kontor-estate --feeds DIR [--data DIR] [--images N] [--seed N] [--questions N] [--projects N]
                             [--workers N] [--json FILE]

        Generates an estate of N images (100000) in DIR, or in a temporary folder that is removed at the end, and measures it.
        An estate that is there already, of the same size and seed, is only measured.
        """

    /// Folder with the Debian tracker (`debian/security-tracker.json.gz`) and other feeds beside it.
    var feeds = ""
    /// Folder of the estate; nil for a temporary one.
    var data: String?
    var images = 100_000
    var seed: UInt64 = 1
    /// How many questions are asked of each kind.
    var questions = 60
    /// Source projects that are registered in the node whose pages are measured.
    var projects = 10_000
    /// Tasks that push and assess at the same time.
    var workers = 32
    /// Where the figures go as JSON.
    var json: String?

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Complaint("\(name) needs a value\n\(Self.usage)") }
            switch name {
            case "--feeds": feeds = value
            case "--data": data = value
            case "--images": images = try Self.number(value, of: name)
            case "--seed": seed = UInt64(try Self.number(value, of: name))
            case "--questions": questions = try Self.number(value, of: name)
            case "--projects": projects = try Self.number(value, of: name)
            case "--workers": workers = try Self.number(value, of: name)
            case "--json": json = value
            default: throw Complaint("\(name) is no option\n\(Self.usage)")
            }
        }
        guard !feeds.isEmpty else { throw Complaint("--feeds names a folder with the Debian tracker\n\(Self.usage)") }
        guard images >= 1_000 else { throw Complaint("an estate has at least 1000 images: --images 1000") }
    }

    private static func number(_ text: String, of name: String) throws -> Int {
        guard let number = Int(text), number > 0 else { throw Complaint("\(name) \(text): a number above 0 is needed") }
        return number
    }
}

/// What ends the program, in words for whoever started it.
struct Complaint: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
