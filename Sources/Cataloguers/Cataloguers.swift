// SPDX-License-Identifier: EUPL-1.2

/// The cataloguers of this version.
public enum Cataloguers {
    /// All of them; each gets the files that it wants.
    public static let all: [any Cataloguer.Type] = [
        ApkCataloguer.self,
        JavaCataloguer.self,
        NodeCataloguer.self,
        PythonCataloguer.self,
        RPMCataloguer.self,
        RubyCataloguer.self,
        GoCataloguer.self,
        ProgramCataloguer.self,
    ]
}
