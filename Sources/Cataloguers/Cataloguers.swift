// SPDX-License-Identifier: EUPL-1.2

/// The cataloguers of this version.
public enum Cataloguers {
    /// All of them; the first one that wants a file gets it.
    public static let all: [any Cataloguer.Type] = [
        ApkCataloguer.self,
        JavaCataloguer.self,
        NodeCataloguer.self,
        PythonCataloguer.self,
        RPMCataloguer.self,
        RubyCataloguer.self,
        // Last: it looks into every file without an ending, METADATA and rpm's Packages among them.
        GoCataloguer.self,
    ]
}
