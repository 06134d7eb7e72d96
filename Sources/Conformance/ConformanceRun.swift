// SPDX-License-Identifier: EUPL-1.2

import NIOHTTP1

/// Asks a registry case after case.
public struct ConformanceRun: Sendable {
    /// How.
    public let settings: ConformanceSettings

    /// A run.
    public init(_ settings: ConformanceSettings) { self.settings = settings }

    /// Runs cases, one after the other.
    ///
    /// - Parameters:
    ///   - cases: in the order in which they run.
    ///   - onResult: called after each.
    /// - Throws: ``ConformanceError`` when the registry cannot be reached or does not let in; `CancellationError`.
    public func run(
        _ cases: [ConformanceCase],
        onResult: @Sendable (CaseResult) -> Void = { _ in }
    ) async throws -> ConformanceReport {
        let client = try WireClient(settings)
        do {
            let report = try await run(cases, client, onResult)
            await client.close()
            return report
        } catch {
            await client.close()
            throw error
        }
    }

    private func run(_ cases: [ConformanceCase], _ client: WireClient, _ onResult: (CaseResult) -> Void) async throws
        -> ConformanceReport
    {
        let clock = ContinuousClock()
        let start = clock.now
        try await greet(client)
        // No two runs share a repository, so nothing that is left from an earlier one is seen.
        let name = "r" + SampleBlob.randomWord(8)
        var results: [CaseResult] = []
        for subject in cases {
            try Task.checkCancellation()
            let begin = clock.now
            let left = settings.totalTimeout - (begin - start)
            let outcome = try await outcome(subject, client, name, limit: min(settings.caseTimeout, left))
            let result = CaseResult(subject, outcome, duration: clock.now - begin)
            results.append(result)
            onResult(result)
        }
        return ConformanceReport(
            registry: settings.registry.text,
            version: settings.version,
            results: results,
            duration: clock.now - start
        )
    }

    /// Finds out whether there is anything to ask.
    private func greet(_ client: WireClient) async throws {
        let answer: Exchange
        do {
            answer = try await client.send(Outgoing(method: .GET, url: settings.registry.text + "/v2/"))
        } catch let error as NoAnswer {
            throw ConformanceError.unreachable(registry: settings.registry.text, reason: error.reason)
        } catch let error as Failed {
            throw ConformanceError.unreachable(registry: settings.registry.text, reason: error.got)
        }
        guard answer.status != 401 else {
            throw ConformanceError.unauthorized(
                registry: settings.registry.text,
                hadCredentials: settings.credentials != nil
            )
        }
    }

    private func outcome(_ subject: ConformanceCase, _ client: WireClient, _ name: String, limit: Duration) async throws
        -> CaseResult.Outcome
    {
        guard limit > .zero else {
            return .failed(
                Failed(
                    expected: "all cases within \(settings.totalTimeout)",
                    got: "the time was used up before this case",
                    request: "nothing"
                )
            )
        }
        let probe = Probe(client: client, case: subject.id, run: name)
        let outcome: CaseResult.Outcome
        do {
            try await bounded(limit) { try await subject.run(probe) }
            outcome = .passed
        } catch let failure as Failed {
            outcome = .failed(failure)
        } catch let skip as Skipped {
            outcome = .skipped(skip)
        } catch let error as ConformanceError {
            // A token service may answer for one repository and not for another.
            outcome = .failed(Failed(expected: "access to \(probe.repository)", got: "\(error)", request: "a token"))
        } catch is TimedOut {
            outcome = .failed(Failed(expected: "an end within \(limit)", got: "none", request: "the whole case"))
        }
        // Of no interest to the result, and bounded like everything that a registry can drag out.
        try? await bounded(min(settings.caseTimeout, .seconds(60))) { await probe.cleanUp() }
        return outcome
    }
}
