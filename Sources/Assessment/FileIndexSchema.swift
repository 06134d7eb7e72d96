// SPDX-License-Identifier: EUPL-1.2

import Database

/// Tables and statements of the way from a file's hash or path to the images that hold it.
enum FileIndexSchema {
    /// Tables.
    ///
    /// A list is what one layer of one image brought; layers that brought the same are one. A list is made of runs, and a run that several
    /// lists have is one: the rows of a file are written once, for all builds of an application that did not touch its neighbourhood. Where
    /// the other way round has no index, a foreign key would have every insert read the whole table.
    static let migration = Migration(
        id: "assessment-0003-files",
        sql: [
            // document: SHA-256 of the runs that came with one list, one behind the other.
            "CREATE TABLE file_packs (id INTEGER PRIMARY KEY, document BLOB NOT NULL) STRICT",
            "CREATE INDEX file_packs_by_document ON file_packs (document)",
            // key: sixteen bytes of the SHA-256 of its bytes, which are a part of its pack.
            """
            CREATE TABLE file_chunks (
                id INTEGER PRIMARY KEY,
                key BLOB NOT NULL UNIQUE,
                pack INTEGER NOT NULL,
                start INTEGER NOT NULL,
                length INTEGER NOT NULL
            ) STRICT
            """,
            // key: 47 bits of a file's hash, or of its path's.
            """
            CREATE TABLE file_keys (
                key INTEGER NOT NULL,
                chunk INTEGER NOT NULL,
                PRIMARY KEY (key, chunk)
            ) STRICT, WITHOUT ROWID
            """,
            // key: sixteen bytes of the SHA-256 of its runs' keys.
            "CREATE TABLE file_lists (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE) STRICT",
            // place: of the run's first file in the list.
            """
            CREATE TABLE chunk_lists (
                chunk INTEGER NOT NULL REFERENCES file_chunks (id),
                list INTEGER NOT NULL,
                place INTEGER NOT NULL,
                PRIMARY KEY (chunk, list, place)
            ) STRICT, WITHOUT ROWID
            """,
            // uses: which layer it is, and what of it is hidden.
            """
            CREATE TABLE list_images (
                list INTEGER NOT NULL REFERENCES file_lists (id),
                image INTEGER NOT NULL,
                use BLOB NOT NULL,
                PRIMARY KEY (list, image)
            ) STRICT, WITHOUT ROWID
            """,
            "ALTER TABLE assessment_evidence ADD COLUMN files BLOB",
            // files: rows of its lists, as differences.
            "ALTER TABLE assessed_images ADD COLUMN files BLOB",
            "ALTER TABLE assessed_images ADD COLUMN files_complete INTEGER NOT NULL DEFAULT 0",
            "CREATE INDEX assessed_images_by_files ON assessed_images (files_complete, id)",
        ]
    )

    static let statements = [
        findList, putList, findChunk, putChunk, putPack, putKey, linkChunk, placesOfKey, listsOfKey, knownKey,
        placesOfKeyInList,
        linkList, unlinkList, use, imagesOfList, namedPack, filesOfImage, setFilesOfImage, unlistedImages,
    ]

    static let findList = Statement("files.findList", "SELECT id FROM file_lists WHERE key = ?")
    static let putList = Statement(
        "files.putList",
        "INSERT INTO file_lists (key) VALUES (?) ON CONFLICT (key) DO NOTHING RETURNING id"
    )
    static let findChunk = Statement("files.findChunk", "SELECT id FROM file_chunks WHERE key = ?")
    static let putChunk = Statement(
        "files.putChunk",
        """
        INSERT INTO file_chunks (key, pack, start, length) VALUES (?, ?, ?, ?)
        ON CONFLICT (key) DO NOTHING RETURNING id
        """
    )
    static let putPack = Statement("files.putPack", "INSERT INTO file_packs (document) VALUES (?) RETURNING id")
    static let putKey = Statement(
        "files.putKey",
        "INSERT INTO file_keys (key, chunk) VALUES (?, ?) ON CONFLICT (key, chunk) DO NOTHING"
    )
    static let linkChunk = Statement(
        "files.linkChunk",
        """
        INSERT INTO chunk_lists (chunk, list, place) VALUES (?, ?, ?) ON CONFLICT (chunk, list, place) DO NOTHING
        """
    )

    private static let places = """
        SELECT l.list, l.place, c.id, p.document, c.start, c.length
        FROM file_keys k JOIN file_chunks c ON c.id = k.chunk JOIN file_packs p ON p.id = c.pack
            JOIN chunk_lists l ON l.chunk = k.chunk
        WHERE k.key = ?
        """
    static let placesOfKey = Statement("files.placesOfKey", places + " ORDER BY k.chunk, l.list, l.place LIMIT ?")
    static let placesOfKeyInList = Statement("files.placesOfKeyInList", places + " AND l.list = ?")
    static let listsOfKey = Statement(
        "files.listsOfKey",
        "SELECT DISTINCT l.list FROM file_keys k JOIN chunk_lists l ON l.chunk = k.chunk WHERE k.key = ?"
    )
    static let knownKey = Statement("files.knownKey", "SELECT chunk FROM file_keys WHERE key = ? LIMIT 1")

    static let linkList = Statement(
        "files.linkList",
        """
        INSERT INTO list_images (list, image, use) VALUES (?, ?, ?)
        ON CONFLICT (list, image) DO UPDATE SET use = excluded.use
        """
    )
    static let unlinkList = Statement("files.unlinkList", "DELETE FROM list_images WHERE list = ? AND image = ?")
    static let use = Statement("files.use", "SELECT use FROM list_images WHERE list = ? AND image = ?")
    static let imagesOfList = Statement(
        "files.imagesOfList",
        """
        SELECT l.image, a.repository FROM list_images l JOIN assessed_images a ON a.id = l.image
        WHERE l.list = ? AND l.image > ? AND l.image <= ? ORDER BY l.image LIMIT ?
        """
    )
    static let namedPack = Statement(
        "files.namedPack",
        "SELECT document FROM file_packs WHERE document = ? LIMIT 1"
    )
    static let filesOfImage = Statement(
        "files.ofImage",
        "SELECT files, files_complete FROM assessed_images WHERE id = ?"
    )
    static let setFilesOfImage = Statement(
        "files.setOfImage",
        "UPDATE assessed_images SET files = ?, files_complete = ? WHERE id = ?"
    )
    static let unlistedImages = Statement(
        "files.unlistedImages",
        "SELECT id, repository FROM assessed_images WHERE files_complete = 0 AND id > ? ORDER BY id LIMIT ?"
    )
}
