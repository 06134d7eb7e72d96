// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import FoundationEssentials
import SBOM
import Yams

/// Everything that can be set, under its one name: option `--name`, environment `KONTOR_NAME`, key `name` in `kontor.yaml`.
enum SettingName: String, CaseIterable, Sendable {
    case data, listen, lang, platform
    case anonymousPull = "anonymous-pull"
    case nodeName = "node-name"
    case publicURL = "public-url"
    case isPublic = "public"
    case exerciseData = "exercise-data"
    case ageLimit = "age-limit"
    case plainHTTP = "plain-http"
    case feedSource = "feed-source"
    case proxy
    case caFile = "ca-file"
    case node, username
    case passwordFile = "password-file"
    case tlsCert = "tls-cert"
    case tlsKey = "tls-key"
    case portalListen = "portal-listen"
    case smtp
    case smtpSecurity = "smtp-security"
    case smtpFrom = "smtp-from"
    case smtpUsername = "smtp-username"
    case smtpPasswordFile = "smtp-password-file"
    case smtpCA = "smtp-ca"
    case webhookAllow = "webhook-allow"
    case projectAllow = "project-allow"
    case syslog
    case syslogCA = "syslog-ca"
    case syslogClientCert = "syslog-client-cert"
    case syslogClientKey = "syslog-client-key"
    case standsInFor = "stands-in-for"
    case rateLimit = "rate-limit"
    case sbomCreator = "sbom-creator"
    case keys, signer

    /// Name of the environment variable.
    var variable: String { "KONTOR_" + rawValue.uppercased().map { $0 == "-" ? "_" : String($0) }.joined() }
}

/// Options that every verb has.
struct CommonOptions: ParsableArguments {
    @Option(help: help(Texts.config, value: "FILE"))
    var config: String?

    @Option(help: help(Texts.lang, value: "de|en"))
    var lang: String?
}

/// Settings of one call: option, environment, file, in that order.
struct Settings: Sendable {
    private let environment: [String: String]
    private let file: [String: [String]]
    private let filePath: String

    /// Reads the settings file, if there is one.
    init(_ common: CommonOptions, environment: [String: String] = processEnvironment) throws(CommandFailure) {
        self.environment = environment
        let named = common.config ?? environment["KONTOR_CONFIG"]
        filePath = named ?? "/etc/kontor/kontor.yaml"
        // Only a file that nobody named may be missing.
        if named == nil, !FileManager.default.fileExists(atPath: filePath) {
            file = [:]
        } else {
            file = try Self.read(filePath)
        }
        let languages = [
            ("--lang", common.lang), (SettingName.lang.variable, environment[SettingName.lang.variable]),
            ("lang (\(filePath))", file[SettingName.lang.rawValue]?.first),
        ]
        for case (let place, let lang?) in languages where !lang.isEmpty && Language(rawValue: lang) == nil {
            throw CommandFailure(Texts.unknownValue(place, lang, "de, en"))
        }
    }

    /// Language of this call.
    func language(_ common: CommonOptions) -> Language {
        let environmentNames = environment["KONTOR_LANG"].flatMap(Language.init(rawValue:))
        let option = common.lang.flatMap(Language.init(rawValue:))
        return option ?? environmentNames ?? file["lang"]?.first.flatMap(Language.init(rawValue:))
            ?? .preferred(environment: environment)
    }

    /// A text; nil when nobody set it.
    func text(_ name: SettingName, option: String?) -> String? {
        option ?? environment[name.variable].flatMap { $0.isEmpty ? nil : $0 } ?? file[name.rawValue]?.first
    }

    /// Several texts; the first place that has any wins whole.
    func texts(_ name: SettingName, options: [String]) -> [String] {
        if !options.isEmpty { return options }
        if let value = environment[name.variable], !value.isEmpty { return [value] }
        return file[name.rawValue] ?? []
    }

    /// A switch; `true`/`false`, `1`/`0`, `yes`/`no` outside of options.
    func flag(_ name: SettingName, option: Bool) throws(CommandFailure) -> Bool {
        if option { return true }
        let places = [(environment[name.variable], name.variable), (file[name.rawValue]?.first, filePath)]
        for (value, origin) in places {
            guard let value, !value.isEmpty else { continue }
            switch value.lowercased() {
            case "true", "1", "yes": return true
            case "false", "0", "no": return false
            default: throw CommandFailure(Texts.badSetting(name.rawValue, origin, "true, false"))
            }
        }
        return false
    }

    /// The data directory; a per-user one when nobody named any.
    func dataDirectory(option: String?) throws(CommandFailure) -> String {
        if let named = text(.data, option: option) {
            return named.count > 1 && named.hasSuffix("/") ? String(named.dropLast()) : named
        }
        if let base = environment["XDG_DATA_HOME"], base.hasPrefix("/") { return base + "/kontor" }
        guard let home = environment["HOME"], home.hasPrefix("/") else { throw CommandFailure(Texts.noHome) }
        return home + "/.local/share/kontor"
    }

    private static func read(_ path: String) throws(CommandFailure) -> [String: [String]] {
        func failure(_ text: LocalizedText) -> CommandFailure { CommandFailure(Texts.settingsFile(path, text)) }
        let text: String
        do {
            text = try utf8(try contents(path, limit: 1 << 20))
        } catch {
            throw failure(error.text)
        }
        let node: Node?
        do { node = try Yams.compose(yaml: text) } catch {
            throw failure(LocalizedText(de: "kein YAML: \(error)", en: "not YAML: \(error)"))
        }
        guard let node, node != Node("") else { return [:] }
        guard let mapping = node.mapping else {
            throw failure(
                LocalizedText(de: "erwartet Zeilen der Form \"name: wert\"", en: "expected lines \"name: value\"")
            )
        }
        let known = SettingName.allCases.map(\.rawValue).sorted()
        var values: [String: [String]] = [:]
        for (key, value) in mapping {
            let name = key.string ?? ""
            guard known.contains(name) else { throw failure(Texts.unknownSetting(name, known.joined(separator: ", "))) }
            if let scalar = value.scalar {
                values[name] = [scalar.string]
            } else if let items = value.sequence?.map({ $0.scalar?.string }), !items.contains(nil) {
                values[name] = items.compactMap(\.self)
            } else {
                throw failure(Texts.badSetting(name, path, "\"\(name): …\""))
            }
        }
        return values
    }
}

private func utf8(_ bytes: [UInt8]) throws(CommandFailure) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
        throw CommandFailure(LocalizedText(de: "kein UTF-8-Text", en: "not UTF-8 text"))
    }
    return text
}

/// Help for an option in the process's language.
func help(_ text: LocalizedText, value: String? = nil) -> ArgumentHelp {
    ArgumentHelp(stringLiteral: Language.process(text)).named(value)
}

extension ArgumentHelp {
    fileprivate func named(_ value: String?) -> ArgumentHelp {
        var copy = self
        copy.valueName = value
        return copy
    }
}
