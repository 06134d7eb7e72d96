// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Attestations
import ClientTrust
import FeedBundles
import ImageSources
import OCI
import SBOM
import Time
import Vulnerabilities

/// Options of `kontor feeds import` for feed bundles: whom to believe.
struct FeedBundleOptions: ParsableArguments {
    @Option(name: .customLong("key"), help: help(Texts.bundleKey, value: "FILE"))
    var keys: [String] = []

    @Option(name: .customLong("trust-root"), help: help(Texts.bundleTrustRoot, value: "FILE"))
    var trustRoots: [String] = []

    @Flag(name: .customLong("allow-older"), help: help(Texts.allowOlder))
    var allowsOlder = false

    @Flag(name: .customLong("require-log"), help: help(Texts.bundleRequireLog))
    var requiresLog = false

    @OptionGroup var access: RegistryAccessOptions

    /// Whether the paths are those of bundles.
    var areGiven: Bool { !keys.isEmpty || !trustRoots.isEmpty }

    /// Refuses paths that only make sense with a key, and options that only make sense with a bundle.
    func check(_ paths: [String]) throws(CommandFailure) {
        guard !areGiven else { return }
        for path in paths where ["oci:", "oci-archive:", "docker://"].contains(where: path.hasPrefix) {
            throw CommandFailure(Texts.bundleNeedsKey(path))
        }
        guard !allowsOlder else { throw CommandFailure(Texts.allowOlderNeedsKey) }
    }

    /// Imports bundles one after the other; each is taken whole or not at all.
    func importBundles(_ places: [String], into store: FeedStore, _ settings: Settings, _ terminal: Terminal)
        async throws
    {
        do {
            guard !requiresLog || !trustRoots.isEmpty else { throw CommandFailure(Texts.bundleLogNeedsRoot) }
            let importer = FeedBundleImporter(
                keys: try trusted(),
                access: try access.bundleAccess(settings),
                log: try logCheck(),
                requiresLog: requiresLog
            )
            for place in places {
                let outcome = try await importer.importBundle(
                    at: try ImageLocation(parsing: place),
                    into: store,
                    allowsOlder: allowsOlder,
                    waiting: { terminal.note($0) }
                )
                let fingerprint = outcome.key.key.fingerprint.hex
                terminal.note(Texts.bundleVerified(place, String(fingerprint.prefix(16)), outcome.statement.created))
                if let loggedAt = outcome.loggedAt { terminal.note(Texts.bundleLogged(loggedAt)) }
                try terminal.result(FeedsImportCommand.text(outcome.report, terminal.language))
            }
        } catch let failure as CommandFailure {
            throw failure
        } catch { throw CommandFailure(Texts.bundleRefused("\(error)"), code: 1) }
    }

    /// What the logs of the trust roots say; nil without any.
    private func logCheck() throws -> FeedBundleLogCheck? {
        let roots = try trustRoots.map { path in
            do { return try TrustRoot(parsing: try contents(path, limit: TrustRoot.maximumBytes)) } catch {
                throw CommandFailure("\(path): \(error)")
            }
        }
        guard !roots.isEmpty else { return nil }
        return { bundle, key, artefact in
            let now = WallClock.system.now()
            var last = FeedBundleLogged.absent
            for root in roots {
                switch root.logWord(on: bundle, by: key, about: artefact, at: now) {
                case .seen(let instant): return .seen(instant)
                case .absent: continue
                case .wrong(let reason): last = .wrong(reason)
                }
            }
            return last
        }
    }

    private func trusted() throws(CommandFailure) -> [FeedBundleKey] {
        var trusted: [FeedBundleKey] = []
        for path in keys {
            do {
                let text = String(decoding: try contents(path, limit: 64 << 10), as: UTF8.self)
                trusted.append(FeedBundleKey(try PublicKey(pem: text)))
            } catch let failure as CommandFailure {
                throw CommandFailure(Texts.cannotRead(path, failure.text))
            } catch { throw CommandFailure("\(path): \(error)") }
        }
        for path in trustRoots {
            do {
                trusted += try FeedBundleKey.keys(trustRoot: try contents(path, limit: 4 << 20), path: path)
            } catch let failure as CommandFailure {
                throw CommandFailure(Texts.cannotRead(path, failure.text))
            } catch { throw CommandFailure("\(error)") }
        }
        return trusted
    }
}
