// SPDX-License-Identifier: EUPL-1.2

import Database
import Time

/// Which addresses of sources the judgement of each image asked the projects for: the way back from a project to what rests on it.
///
/// It is what was asked, not what an image says of itself: provenance comes first, and each digest has its own.
enum ImageSources {
    static let migration = Migration(
        id: "assessment-0004-sources",
        sql: [
            // address: in the form under which projects are registered.
            """
            CREATE TABLE image_sources (
                image INTEGER NOT NULL,
                address TEXT NOT NULL,
                PRIMARY KEY (image, address)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX image_sources_by_address ON image_sources (address, image)",
            // The last time that images of a source were queued, as a number that only grows: one row for each address.
            """
            CREATE TABLE source_news (
                address TEXT NOT NULL PRIMARY KEY,
                number INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX source_news_by_number ON source_news (number)",
        ]
    )

    static let statements = [of, link, unlink, images, latest, put, number]

    static let of = Statement(
        "imageSources.of",
        "SELECT address FROM image_sources WHERE image = ? ORDER BY address"
    )
    static let link = Statement("imageSources.link", "INSERT INTO image_sources (image, address) VALUES (?, ?)")
    static let unlink = Statement(
        "imageSources.unlink",
        "DELETE FROM image_sources WHERE image = ? AND address = ?"
    )
    static let images = Statement(
        "imageSources.images",
        "SELECT image FROM image_sources WHERE address = ? AND image > ? ORDER BY image LIMIT ?"
    )
    static let latest = Statement(
        "imageSources.latest",
        "SELECT number FROM source_news ORDER BY number DESC LIMIT 1"
    )
    static let put = Statement(
        "imageSources.put",
        """
        INSERT INTO source_news (address, number) VALUES (?, ?)
        ON CONFLICT (address) DO UPDATE SET number = excluded.number
        """
    )
    static let number = Statement("imageSources.number", "SELECT number FROM source_news WHERE address = ?")

    /// Writes what the judgement of an image asked for.
    ///
    /// - Parameter keepsOld: also what an earlier one asked for.
    static func link(_ addresses: Set<String>, to image: Int64, keepsOld: Bool, in t: Transaction) throws {
        let old = Set(try t.query(of, [.integer(image)]).map { try $0.text(0) })
        if !keepsOld {
            for address in old.subtracting(addresses).sorted() {
                try t.execute(unlink, [.integer(image), .text(address)])
            }
        }
        for address in addresses.subtracting(old).sorted() {
            try t.execute(link, [.integer(image), .text(address)])
        }
    }

    /// The number of the newest news of any source.
    static func latestNews(in t: Transaction) throws -> Int64 { try t.first(latest)?.int64(0) ?? 0 }

    /// Whether there is news of any of some sources since a number.
    static func isNews(of addresses: Set<String>, since seen: Int64, in t: Transaction) throws -> Bool {
        try addresses.contains { try (t.first(number, [.text($0)])?.int64(0) ?? 0) > seen }
    }
}

extension AssessmentService {
    /// Queues every image whose judgement asked for what is known of a source: of each repository every digest, whatever it says of itself.
    ///
    /// - Parameter source: its address, in the form under which projects are registered.
    /// - Returns: how many.
    @discardableResult
    public func queueImages(builtFrom source: String) async throws -> Int {
        // First: an image that is being assessed for the first time has no row yet. Whoever stores it sees this and looks again.
        _ = try await database.write { t in
            try t.execute(ImageSources.put, [.text(source), .integer(ImageSources.latestNews(in: t) + 1)])
        }
        return try await queueImages(priority: .feed, unlessAssessedUnder: nil) { t, after in
            let images = try t.query(ImageSources.images, [.text(source), .integer(after), 500]).map { try $0.int64(0) }
            return (images: images, last: images.last)
        }
    }
}
