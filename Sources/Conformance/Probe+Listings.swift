// SPDX-License-Identifier: EUPL-1.2

import JSON
import NIOHTTP1
import OCI

extension Probe {
    // MARK: Tags

    /// One page of tags.
    func tags(_ query: String = "", in repository: String? = nil) async throws -> (answer: Exchange, tags: [String]) {
        let repository = repository ?? self.repository
        let answer = try await get("/v2/\(repository)/tags/list\(query)", scope: repository)
        return (answer, try tags(of: answer, in: repository))
    }

    func tags(of answer: Exchange, in repository: String) throws -> [String] {
        let source = SpecificationSource.distribution("Listing Tags", "end-8a")
        try answer.expect(200, asks: "listing the tags of a repository MUST be answered with 200 OK", source: source)
        guard let json = answer.json, json["name"]?.stringValue == repository else {
            throw answer.failure(
                "a list of tags MUST be a JSON body {\"name\": \"<name>\", \"tags\": [...]}",
                source: source
            )
        }
        // An empty list is `null` in some registries.
        guard let values = json["tags"], !values.isNull else { return [] }
        guard let tags = values.arrayValue, tags.allSatisfy({ $0.stringValue != nil }) else {
            throw answer.failure("the tags MUST be a list of strings", source: source)
        }
        return tags.compactMap(\.stringValue)
    }

    /// Demands exactly some tags, in order.
    func expectTags(_ expected: [String], _ query: String = "") async throws {
        let (answer, tags) = try await tags(query)
        guard tags == expected else {
            throw answer.failure("the tags are exactly \(expected), in lexical order", got: "\(tags)".printable(600))
        }
    }

    // MARK: Referrers

    /// All pages of a list of referrers.
    func referrers(_ subject: Digest, _ query: String = "", in repository: String? = nil) async throws
        -> (first: Exchange, descriptors: [JSONValue])
    {
        let repository = repository ?? self.repository
        let first = try await get("/v2/\(repository)/referrers/\(subject)\(query)", scope: repository)
        var page = first
        var found: [JSONValue] = []
        for _ in 0..<1000 {
            found += try descriptors(of: page)
            // No case makes more than some dozens; a registry that never ends must not fill the memory.
            guard found.count <= 10_000 else { break }
            guard let next = LinkHeader.next(in: page.headers["Link"]) else { return (first, found) }
            guard let url = RegistryAddress.resolve(next, against: page.url) else {
                throw page.failure("the Link to the next page is a URL", got: "Link: \(next.printable(200))")
            }
            page = try await send(.GET, url: url, scope: repository)
        }
        throw page.failure("a list of referrers comes to an end", got: "more than 1000 pages or 10000 descriptors")
    }

    private func descriptors(of answer: Exchange) throws -> [JSONValue] {
        let source = SpecificationSource.distribution("Listing Referrers", "end-12a")
        try answer.expect(
            200,
            asks: "a registry MUST answer a request for referrers with 200 OK and MUST NOT answer it with 404",
            source: source
        )
        try answer.expectHeader(
            "Content-Type",
            is: MediaType.imageIndex,
            asks: "the Content-Type of referrers MUST be \(MediaType.imageIndex)",
            source: source
        )
        guard let json = answer.json, json["schemaVersion"]?.intValue == 2,
            json["mediaType"].map({ $0.stringValue == MediaType.imageIndex }) ?? true,
            let manifests = json["manifests"]?.arrayValue
        else { throw answer.failure("the body of referrers MUST be an image index", source: source) }
        return manifests
    }

    /// Demands some referrers, in any order, each as the specification describes it, and no other of the kinds that cases push.
    func expectReferrers(
        of subject: Digest,
        _ expected: [SampleManifest],
        _ query: String = "",
        in repository: String? = nil
    ) async throws {
        let (answer, found) = try await referrers(subject, query, in: repository)
        try expect(found, toDescribe: expected, answer)
    }

    /// Demands descriptors of some manifests, and none that a case could have pushed beside them.
    ///
    /// A registry may say something about an image itself, and somebody else may too: what has a type that no case pushes is allowed in a
    /// list, once each, as long as it was not filtered away.
    ///
    /// - Parameter isFiltered: whether the list was filtered; then there is nothing else in it.
    func expect(
        _ found: [JSONValue],
        toDescribe expected: [SampleManifest],
        isFiltered: Bool = false,
        _ answer: Exchange
    ) throws {
        let own = isFiltered ? found : found.filter(SampleManifest.couldBeOwn)
        let others = Set(found.filter { !own.contains($0) }.map { $0["digest"]?.stringValue })
        guard others.count == found.count - own.count else {
            throw answer.failure("the list has a descriptor of each manifest with this subject, once")
        }
        let digests = own.map { $0["digest"]?.stringValue ?? "" }.sorted()
        let wanted = expected.map(\.digest.description).sorted()
        guard digests == wanted else {
            throw answer.failure(
                "the list has a descriptor of each manifest with this subject, once: \(wanted)".printable(1000),
                got: "\(answer.status) with \(digests)".printable(1000)
            )
        }
        let described = Dictionary(found.map { ($0["digest"]?.stringValue ?? "", $0) }) { first, _ in first }
        for manifest in expected {
            let own = described[manifest.digest.description]
            func demand(_ isTrue: Bool, _ asks: String) throws {
                if !isTrue { throw answer.failure(asks, got: own.map { $0.text().printable(600) } ?? "nothing") }
            }
            try demand(
                own?["mediaType"]?.stringValue == manifest.mediaType,
                "a descriptor has the manifest's media type"
            )
            try demand(own?["size"]?.intValue == manifest.bytes.count, "a descriptor has the manifest's size")
            if let type = manifest.artifactType {
                try demand(
                    own?["artifactType"]?.stringValue == type,
                    "artifactType MUST be the manifest's own, else the media type of its configuration: \(type)"
                )
            } else {
                try demand(own?["artifactType"] == nil, "artifactType MUST be omitted for an index that has none")
            }
            for (name, value) in manifest.annotations {
                try demand(
                    own?["annotations"]?[name]?.stringValue == value,
                    "descriptors MUST include the annotations of the manifest: \(name.prefix(80))=\(value.prefix(80))"
                )
            }
        }
    }
}
