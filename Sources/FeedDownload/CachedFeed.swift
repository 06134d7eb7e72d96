// SPDX-License-Identifier: EUPL-1.2

import JSON

/// What a publisher says about one version of a feed.
struct Validators: Sendable, Equatable {
    /// `ETag`, quotes included; nil when there was none that can be sent back.
    var etag: String?
    /// `Last-Modified` as it was sent.
    var lastModified: String?

    /// Keeps what may be sent back: short, and printable ASCII.
    init(etag: String?, lastModified: String?) {
        func kept(_ text: String?) -> String? {
            text.flatMap { text in
                let bytes = text.utf8
                return !bytes.isEmpty && bytes.count <= 1024 && bytes.allSatisfy { (0x20..<0x7f).contains($0) }
                    ? text : nil
            }
        }
        self.etag = kept(etag).flatMap { ($0.hasPrefix("\"") || $0.hasPrefix("W/\"")) && $0.hasSuffix("\"") ? $0 : nil }
        self.lastModified = kept(lastModified)
    }

    fileprivate init(fields: JSONFields) throws(JSONShapeError) {
        self.init(etag: try fields.optionalString("etag"), lastModified: try fields.optionalString("lastModified"))
    }
}

/// What is known about a feed whose file is whole.
struct CachedFeed: Sendable, Equatable {
    /// The address that it came from.
    var url: String
    var validators: Validators
    /// Size of the file in bytes.
    var size: Int64
    /// What an import made of it: digests by name of feed; nil when none took it yet.
    var imported: [String: String]?

    init(url: String, validators: Validators, size: Int64, imported: [String: String]? = nil) {
        (self.url, self.validators, self.size, self.imported) = (url, validators, size, imported)
    }

    /// Reads what ``bytes`` wrote; nil when it is anything else, and then nothing is known.
    init?(parsing bytes: [UInt8]) {
        do {
            let fields = try JSONFields(JSONValue(parsing: bytes))
            guard try fields.int("schemaVersion") == 1 else { return nil }
            self.init(
                url: try fields.string("url"),
                validators: try Validators(fields: fields),
                size: try fields.integer("size"),
                imported: fields.has("imported") ? try fields.optionalStringMap("imported") : nil
            )
        } catch {
            return nil
        }
    }

    var bytes: [UInt8] {
        let json: JSONValue = [
            "schemaVersion": 1, "url": .string(url), "etag": .optional(validators.etag),
            "lastModified": .optional(validators.lastModified), "size": .integer(size),
            "imported": imported.map { .stringMap($0) } ?? .null,
        ]
        return json.bytes(.pretty) + [0x0a]
    }
}

/// What is known about a feed of which only the beginning is here.
struct PartialFeed: Sendable, Equatable {
    /// The address that it came from.
    var url: String
    var validators: Validators
    /// What `If-Range` may carry: only with it is the rest sure to belong to this beginning.
    var condition: String

    /// Nil when this version could not be recognised later.
    ///
    /// A weak tag does not do, and a date only when the version was already a minute old when it was sent: within that
    /// minute another could have followed under the same date.
    ///
    /// Source: RFC 9110, 13.1.5 and 8.8.2.2.
    init?(url: String, validators: Validators, isDateStrong: Bool) {
        if let etag = validators.etag {
            guard !etag.hasPrefix("W/") else { return nil }
            condition = etag
        } else {
            guard let date = validators.lastModified, isDateStrong else { return nil }
            condition = date
        }
        (self.url, self.validators) = (url, validators)
    }

    /// Reads what ``bytes`` wrote; nil when it is anything else.
    init?(parsing bytes: [UInt8]) {
        guard let fields = try? JSONFields(JSONValue(parsing: bytes)), (try? fields.int("schemaVersion")) == 1,
            let url = try? fields.string("url"), let validators = try? Validators(fields: fields)
        else { return nil }
        self.init(url: url, validators: validators, isDateStrong: true)
    }

    var bytes: [UInt8] {
        let json: JSONValue = [
            "schemaVersion": 1, "url": .string(url), "etag": .optional(validators.etag),
            "lastModified": .optional(validators.lastModified),
        ]
        return json.bytes(.pretty) + [0x0a]
    }
}
