// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import Database
import Directory
import DurableFiles
import Glibc
import Node
import NodeTestKit
import OCI
import Products
import Situation
import Time

/// A page that a browser asks for: its address and, where the next one stands in it, how that begins.
struct PageRequest: Sendable {
    let name: String
    let path: String
    var follows: String?
}

/// Asks a whole node over HTTP for the pages of an estate, signed in as somebody who sees everything and keeps twenty namespaces.
struct PageMeasurement {
    /// Most bytes of a page with its style sheet, unpacked.
    static let mostBytes = 100_000.0
    private static let person = "estate-keeper"

    let estate: Estate
    let questions: EstateQuestions
    /// How many pages of each kind.
    let count: Int
    /// How many source projects stand beside the images.
    let projects: Int

    // MARK: Preparing

    /// Registers projects, brings the directory up to date, and makes the one who looks.
    ///
    /// - Returns: the secret of ``person``, and the names of the projects.
    func prepare(_ node: EstateNode, _ figures: inout Figures) async throws -> (secret: String, projects: [String]) {
        let seeding = ProjectSeeding(estate: estate, count: projects)
        let start = ContinuousClock.now
        let names = try await seeding.run(node)
        figures.add("projects registered", Double(names.count), "projects")
        figures.add("projects registered, a second", Double(names.count) / (ContinuousClock.now - start).seconds, "/s")
        let directory = Directory(database: node.database, accounts: node.accounts, clock: .fixed(EstateNode.now))
        let indexer = DirectoryIndexer(
            directory: directory,
            registry: node.registry,
            assessment: node.assessment,
            products: Products(
                database: node.database,
                accounts: node.accounts,
                assessment: node.assessment,
                documents: DocumentStore(directory: node.directory + "/bills", files: .live),
                clock: .fixed(EstateNode.now)
            )
        )
        let begin = ContinuousClock.now
        try await indexer.catchUp()
        figures.add("directory, written anew", (ContinuousClock.now - begin).seconds, "s")
        let secret = try await node.accounts.createPerson(
            Self.person,
            organisation: Estate.organisation(0),
            nodeRole: .operator,
            by: node.account
        )
        for number in 0..<20 {
            try await node.accounts.setRole(
                .maintainer,
                of: Self.person,
                in: Estate.organisation(number),
                by: node.account
            )
        }
        return (secret, names)
    }

    // MARK: Asking

    /// The pages, in an order in which no two of a kind follow each other.
    private func requests(_ projects: [String]) -> [PageRequest] {
        var random = SeededRandom(estate.seed, 7)
        var requests: [PageRequest] = []
        func add(_ name: String, _ path: String) { requests.append(PageRequest(name: name, path: path)) }
        let asked = Dictionary(grouping: questions.all, by: \.kind)
        for index in 0..<count {
            let image = estate.image(random.below(estate.count))
            let organisation = Estate.organisation(image.organisation)
            add("directory", index.isMultiple(of: 2) ? "/" : "/?lang=en")
            requests.append(PageRequest(name: "directory, the next page", path: "/", follows: "after="))
            add("search", "/?q=app-\(random.below(estate.repositories))")
            add("search, many match", "/?q=app")
            add("search with facets", "/?q=\(organisation)&kind=image&area=security")
            add("image", "/images/\(image.repository):\(image.tag)")
            let named = encoded("\(image.repository):\(image.tag)")
            add("findings", "/findings?image=\(named)")
            add("components", "/components?image=\(named)")
            add("what changed", changes(estate.repository(image.number / Estate.tagsPerRepository)))
            if !projects.isEmpty {
                add("project", "/projects/\(projects[random.below(projects.count)])")
                add("projects", "/projects")
                add("search for projects", "/?q=project-\(random.below(projects.count))&kind=project")
                add("projects of a licence", "/?q=thing&kind=project&licence=MIT")
            }
            add("organisations", "/organisations")
            add("organisation", "/organisations/\(organisation)")
            add("my work", "/work")
            add("products", "/products")
            add("notices", "/notices")
            add("namespaces", "/namespaces")
            add("namespace", "/namespaces/\(organisation)")
            add("criteria", "/criteria")
            add("help", "/help")
            add("node", "/node")
            for kind in EstateQuestion.Kind.allCases {
                guard let some = asked[kind], !some.isEmpty else { continue }
                let text = some[index % some.count].question.text
                add("affected, \(kind.rawValue)", "/affected?q=" + encoded(text))
            }
        }
        return requests
    }

    private func changes(_ repository: Estate.Repository) -> String {
        let images = estate.images(of: repository)
        guard let (first, last) = images.first.flatMap({ first in images.last.map { (first, $0) } }) else { return "/" }
        let digest = Digest.sha256(first.manifest(configuration: first.configuration))
        return "/changes?image=\(encoded(last.name))&since=\(encoded(digest.description))"
    }

    /// Serves a copy of an estate, and measures every kind of page by itself, over one connection.
    ///
    /// Of a node at rest: an estate that other rules judged would be judged anew meanwhile, on the same two cores.
    ///
    /// - Parameters:
    ///   - directory: data directory of a node; it is changed.
    ///   - prepared: what ``prepare(_:_:)`` came to.
    func ask(
        in directory: String,
        _ prepared: (secret: String, projects: [String]),
        _ figures: inout Figures
    ) async throws {
        let (secret, requests) = (prepared.secret, requests(prepared.projects))
        let (putOff, measured) = try await TestNode.run(configure: { configuration in
            configuration.dataDirectory = directory
            configuration.clock = .fixed(EstateNode.now)
            configuration.attests = false
            configuration.requestsPerSecond = nil
        }) { node in
            let putOff = try await node.node.database.write { transaction in
                try transaction.execute(Statement("estate.putOff", "DELETE FROM jobs"))
            }
            let cookie = try await signIn(node, secret)
            let measured = try await RawConnection.open(node.port) { connection in
                try await Self.measure(requests, on: connection, port: node.port, cookie: cookie)
            }
            return (putOff, measured)
        }
        figures.add("pages, jobs put off meanwhile", Double(putOff), "jobs")
        var (all, names, seen): ([Double], [String], Set<String>) = ([], [], [])
        for page in measured where seen.insert(page.name).inserted { names.append(page.name) }
        for name in names {
            let pages = measured.filter { $0.name == name }
            figures.add("page, \(name)", milliseconds: pages.map(\.milliseconds), target: 100)
            figures.add(
                "page, \(name), with its style sheet, most",
                Double(pages.map(\.bytes).max() ?? 0),
                "bytes",
                target: Self.mostBytes
            )
            all += pages.map(\.milliseconds)
        }
        figures.add("page, all", milliseconds: all, target: 100)
    }

    private struct Measured: Sendable {
        let name: String
        let milliseconds: Double
        let bytes: Int
    }

    private static func measure(
        _ requests: [PageRequest],
        on connection: RawConnection,
        port: Int,
        cookie: String
    ) async throws -> [Measured] {
        func get(_ path: String) async throws -> Answer {
            try await connection.send("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nCookie: \(cookie)\r\n\r\n")
            return try await connection.answer()
        }
        let start = try await get("/").text
        guard let sheet = link(in: start, beginning: "/assets/", ending: ".css") else {
            throw Complaint("the first page names no style sheet")
        }
        let styles = try await get(sheet).body.count
        var followed: [String: String] = [:]
        var measured: [Measured] = []
        for request in requests {
            let path = request.follows == nil ? request.path : followed[request.name] ?? request.path
            let begin = ContinuousClock.now
            let answer = try await get(path)
            let milliseconds = (ContinuousClock.now - begin).milliseconds
            guard answer.status == 200 else {
                throw Complaint("GET \(path) (\(request.name)): \(answer.status) \(answer.text.prefix(600))")
            }
            if let marker = request.follows {
                followed[request.name] = link(in: answer.text, beginning: request.path, containing: marker)
                // The first answer was the page before.
                if path == request.path { continue }
            }
            measured.append(Measured(name: request.name, milliseconds: milliseconds, bytes: answer.body.count + styles))
        }
        return measured
    }

    /// The last `href` of a page that begins, ends and goes on as asked.
    private static func link(
        in page: String,
        beginning: String,
        containing marker: String = "",
        ending: String = ""
    ) -> String? {
        page.split(separator: "href=\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
            .last { $0.hasPrefix(beginning) && (marker.isEmpty || $0.contains(marker)) && $0.hasSuffix(ending) }?
            .replacing("&amp;", with: "&")
    }

    private func signIn(_ node: TestNode, _ secret: String) async throws -> String {
        let form = "name=\(Self.person)&password=\(encoded(secret))&next=%2F"
        let answer = try await node.client.anonymous().request(
            "POST",
            "/login",
            headers: [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", node.url)],
            body: Array(form.utf8)
        )
        let pairs = answer.all("set-cookie").map { String($0.prefix { $0 != ";" }) }
        guard answer.status == 303, !pairs.isEmpty else {
            throw Complaint("signing in: \(answer.status) \(answer.text.prefix(600))")
        }
        return pairs.joined(separator: "; ")
    }
}

/// A value of a query or a form.
private func encoded(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF")
    return text.utf8.map { "%\(hex[Int($0 >> 4)])\(hex[Int($0 & 15)])" }.joined()
}
