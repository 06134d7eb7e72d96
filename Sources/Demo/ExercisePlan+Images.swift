// SPDX-License-Identifier: EUPL-1.2

extension ExercisePlan {
    /// Forty images, three of them the bases of the others.
    static let images: [ExerciseImage] = bases + federal + state + municipal

    private static let bases = ExerciseBase.allCases.map { base in
        ExerciseImage(
            repository: base.repository,
            title: "Basis \(base.rawValue)",
            category: "Basis",
            base: base,
            kind: "base",
            isMultiArchitecture: base.isMultiArchitecture,
            version: base.version
        )
    }

    private static func forms(_ package: ApplicationPackage) -> [ApplicationPackage] {
        ApplicationPackage.enterprise + [package]
    }

    /// Data that others take over: they carry files and are never started.
    private static func data(_ repository: String, _ title: String) -> ExerciseImage {
        ExerciseImage(repository: repository, title: title, category: "Daten", base: .minimal, kind: "artefact")
    }

    private static func web(_ repository: String, _ title: String, _ faults: Set<ExerciseImage.Fault> = [])
        -> ExerciseImage
    {
        ExerciseImage(
            repository: repository,
            title: title,
            category: "Web",
            base: .debian,
            packages: ApplicationPackage.web,
            faults: faults
        )
    }

    private static func service(_ repository: String, _ title: String, _ faults: Set<ExerciseImage.Fault> = [])
        -> ExerciseImage
    {
        ExerciseImage(
            repository: repository,
            title: title,
            category: "Fachverfahren",
            base: .debian,
            packages: ApplicationPackage.service,
            faults: faults
        )
    }

    private static func java(
        _ repository: String,
        _ title: String,
        _ package: ApplicationPackage?,
        base: ExerciseBase = .debian,
        isMultiArchitecture: Bool = false,
        isReleased: Bool = false
    ) -> ExerciseImage {
        ExerciseImage(
            repository: repository,
            title: title,
            category: "Fachverfahren",
            base: base,
            packages: package.map(forms) ?? ApplicationPackage.enterprise,
            isMultiArchitecture: isMultiArchitecture,
            isReleased: isReleased,
            version: "2.3.0"
        )
    }

    private static func alpine(_ repository: String, _ title: String, _ faults: Set<ExerciseImage.Fault> = [])
        -> ExerciseImage
    {
        ExerciseImage(repository: repository, title: title, category: "Netz", base: .alpine, faults: faults)
    }

    private static func released(_ image: ExerciseImage) -> ExerciseImage {
        var image = image
        image.isReleased = true
        return image
    }

    private static func with(_ package: ApplicationPackage, _ image: ExerciseImage) -> ExerciseImage {
        var image = image
        image.packages.append(package)
        return image
    }

    private static let federal = [
        java("bund/antragsportal", "Antragsportal", ApplicationPackage.vulnerableForms, isReleased: true),
        java(
            "bund/formularserver",
            "Formularserver",
            ApplicationPackage.vulnerableForms,
            base: .minimal,
            isMultiArchitecture: true
        ),
        java("bund/aktenplan", "Aktenplan", ApplicationPackage.repairedForms),
        service("bund/suche", "Suche"),
        with(ApplicationPackage.oldForms, web("bund/postfach", "Postfach")),
        java("bund/ident", "Anmeldung", nil, base: .minimal, isReleased: true),
        web("bund/webserver", "Webserver", [.runsAsRoot]),
        data("bund/codelisten", "Codelisten"),
        data("bund/schluesselverzeichnis", "Schlüsselverzeichnis"),
        service("bund/statistik", "Statistik", [.secret]),
        alpine("bund/zeitserver", "Zeitserver"),
        web("bund/terminplan", "Terminplan"),
        service("bund/gateway", "Gateway", [.outdated("curl")]),
    ]

    private static let state = [
        java("land/fachverfahren", "Fachverfahren", ApplicationPackage.vulnerableForms),
        java(
            "land/registerabruf",
            "Registerabruf",
            ApplicationPackage.vulnerableForms,
            base: .minimal,
            isMultiArchitecture: true
        ),
        data("land/kartendaten", "Kartendaten"),
        released(web("land/kartendienst", "Kartendienst")),
        service("land/melderegister", "Melderegister", [.outdated("openssl")]),
        service("land/auswertung", "Auswertung"),
        service("land/dokumente", "Dokumente", [.withoutLabels]),
        service("land/archiv", "Archiv", [.setuidFile]),
        java("land/bauakte", "Bauakte", ApplicationPackage.repairedForms),
        data("land/katasterdaten", "Katasterdaten"),
        alpine("land/cache", "Zwischenspeicher", [.outdated("openssl")]),
        alpine("land/mailrelay", "Mailrelay"),
        with(ApplicationPackage.oldFiles, service("land/vermessung", "Vermessung")),
    ]

    private static let municipal = [
        java("stadt/buergerbuero", "Bürgerbüro", ApplicationPackage.vulnerableForms),
        with(ApplicationPackage.vulnerableForms, web("stadt/terminvergabe", "Terminvergabe")),
        service("stadt/friedhof", "Friedhofsverwaltung"),
        released(web("stadt/parkausweis", "Parkausweis")),
        with(ApplicationPackage.oldForms, web("stadt/ratsinformation", "Ratsinformation")),
        data("stadt/formularvorlagen", "Formularvorlagen"),
        web("stadt/hundesteuer", "Hundesteuer", [.runsAsRoot]),
        alpine("stadt/bibliothek", "Bibliothek"),
        service("stadt/strassen", "Straßenverwaltung"),
        web("stadt/musikschule", "Musikschule", [.withoutLicence]),
        web("stadt/werkstatt", "Werkstatt", [.buildTools]),
    ]
}
