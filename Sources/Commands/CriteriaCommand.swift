// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Criteria
import JSON
import SBOM

/// `kontor criteria`.
struct CriteriaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "criteria",
        abstract: Language.process(Texts.criteriaAbstract),
        subcommands: [
            CriteriaListCommand.self, CriteriaShowCommand.self, CriteriaLintCommand.self, CriteriaImpactCommand.self,
        ]
    )
}

/// `kontor criteria list`.
struct CriteriaListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: Language.process(Texts.criteriaListAbstract)
    )

    @Option(help: help(Texts.catalogueFile, value: "FILE"))
    var catalogue: String?

    @Option(help: help(Texts.format, value: "text|json"))
    var format = "text"

    @OptionGroup var common: CommonOptions

    func run() throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let form = try choice(OutputForm.self, format, name: "--format")
        let catalogue = try Catalogue.chosen(catalogue)
        guard form == .text else {
            let answer: JSONValue = [
                "schemaVersion": 1, "catalogue": ["version": .string(catalogue.version)],
                "criteria": .array(catalogue.criteria.map { CriterionPage.json($0) }),
            ]
            return try terminal.result(answer.bytes(.pretty) + [0x0a])
        }
        let language = terminal.language
        let rows = catalogue.criteria.map { criterion in
            [
                criterion.id, language(criterion.area.title), language(criterion.level.title),
                language(criterion.stage.title), language(criterion.title),
            ].map(printable)
        }
        let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            let cells = row.enumerated().map { index, cell in
                index == 4 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
            }
            return cells.joined(separator: "  ") + "\n"
        }
        try terminal.result(lines.joined())
    }
}

/// `kontor criteria show`.
struct CriteriaShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: Language.process(Texts.criteriaShowAbstract)
    )

    @Argument(help: help(Texts.criterionID, value: "ID"))
    var id: String

    @Option(help: help(Texts.catalogueFile, value: "FILE"))
    var catalogue: String?

    @Option(help: help(Texts.format, value: "text|json"))
    var format = "text"

    @OptionGroup var common: CommonOptions

    func run() throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let form = try choice(OutputForm.self, format, name: "--format")
        let catalogue = try Catalogue.chosen(catalogue)
        guard let criterion = catalogue.criterion(id) else { throw CommandFailure(Texts.noCriterion(id)) }
        switch form {
        case .json: try terminal.result(CriterionPage.json(criterion).bytes(.pretty) + [0x0a])
        case .text:
            try terminal.result(printableLines(CriterionPage(criterion: criterion, language: terminal.language).text))
        }
    }
}

/// `kontor criteria lint`.
struct CriteriaLintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: Language.process(Texts.criteriaLintAbstract)
    )

    @Argument(help: help(Texts.catalogueArgument, value: "FILE"))
    var file: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let bytes = try Catalogue.read(file)
        do {
            let catalogue = try Catalogue(yaml: bytes, file: file)
            let line = Texts.catalogueFine(file, catalogue.version, count: catalogue.criteria.count)
            try terminal.result(printable(terminal.language(line)) + "\n")
        } catch let error as CatalogueError {
            // FILE:LINE: as compilers write it, so that editors and code hosts find the place.
            let place = error.line.map { "\(error.file):\($0)" } ?? error.file
            let subject = error.criterion.map { "\($0): " } ?? ""
            try terminal.result(printable("\(place): \(subject)\(error.problem); \(error.remedy)") + "\n")
            throw ExitCode(1)
        }
    }
}
