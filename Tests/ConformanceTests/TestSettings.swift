// SPDX-License-Identifier: EUPL-1.2

import Conformance
import OCI

/// Settings as the program makes them.
func settings(for url: String, _ version: SpecificationVersion) throws -> ConformanceSettings {
    var settings = ConformanceSettings(
        registry: try RegistryAddress(parsing: url),
        repository: try RepositoryName(parsing: "conformance"),
        secondRepository: try RepositoryName(parsing: "conformance-other")
    )
    settings.version = version
    return settings
}
