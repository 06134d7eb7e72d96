// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Assessment
import Database
import Situation
import Vulnerabilities

/// Asks an estate what a node is asked, and measures.
struct Measurement {
    static let page = 100

    let node: EstateNode
    let estate: Estate
    let reader: Situation.Reader

    init(_ node: EstateNode, _ estate: Estate) async throws {
        (self.node, self.estate) = (node, estate)
        reader = try await node.reader()
    }

    private func timed(_ body: () async throws -> Void) async throws -> Double {
        let begin = ContinuousClock.now
        try await body()
        return (ContinuousClock.now - begin).milliseconds
    }

    // MARK: Questions

    /// First pages, summaries, and pages deep inside the answers.
    func ask(_ questions: [EstateQuestion], _ figures: inout Figures) async throws {
        var (pages, whole, deep): ([Double], [Double], [Double]) = ([], [], [])
        for kind in EstateQuestion.Kind.allCases {
            var ofKind: [Double] = []
            for question in questions where question.kind == kind {
                let page = try await timed {
                    _ = try await node.situation.affected(by: question.question, for: reader, limit: Self.page)
                }
                let summary = try await timed {
                    _ = try await node.situation.summary(of: question.question, for: reader)
                }
                pages.append(page)
                ofKind.append(page + summary)
                // Rows of images are numbered in the order in which they came.
                deep.append(
                    try await timed {
                        _ = try await node.situation.affected(
                            by: question.question,
                            for: reader,
                            after: Int64(estate.total / 2),
                            limit: Self.page
                        )
                    }
                )
            }
            figures.add("affected, first page and summary, \(kind.rawValue)", milliseconds: ofKind)
            whole += ofKind
        }
        figures.add("affected, first page", milliseconds: pages, target: 100)
        figures.add("affected, first page and summary", milliseconds: whole, target: 100)
        figures.add("affected, page deep inside", milliseconds: deep, target: 100)
    }

    /// Whether answers are what the plan of the estate says, image for image.
    func compare(_ questions: [EstateQuestion], _ figures: inout Figures) async throws {
        var expected = [Set<String>](repeating: [], count: questions.count)
        estate.walk { image in
            for (index, question) in questions.enumerated() where question.isAbout(image) {
                expected[index].insert(image.name)
            }
        }
        var images = 0
        for (question, expected) in zip(questions, expected) {
            let answer = try await answer(to: question.question)
            images += answer.count
            guard Set(answer) == expected, answer.count == expected.count else {
                figures.fail(
                    "\(question.question.text): \(answer.count) images, \(Set(answer).subtracting(expected).count) too many, "
                        + "\(expected.subtracting(answer).count) missing"
                )
                continue
            }
        }
        figures.add("answers compared with the plan", Double(questions.count), "questions")
        figures.add("images in those answers", Double(images), "images")
    }

    private func answer(to question: AffectedQuestion) async throws -> [String] {
        var names: [String] = []
        var after: Int64?
        repeat {
            let page = try await node.situation.affected(by: question, for: reader, after: after, limit: 1_000)
            for image in page.images {
                for tag in image.tags { names.append("\(image.repository):\(tag)") }
            }
            after = page.next
        } while after != nil
        return names
    }

    /// Median costs of the probes: questions with the same answers at every size of the estate.
    ///
    /// Time of the processor, because others use the machine, and what is compared lies hours apart.
    func probe() async throws -> [(name: String, milliseconds: Double)] {
        var medians: [(name: String, milliseconds: Double)] = []
        for (name, question) in try EstateQuestions.probes(estate) {
            var times: [Double] = []
            for _ in 0..<101 {
                let begin = processorTime()
                _ = try await node.situation.affected(by: question, for: reader, limit: Self.page)
                _ = try await node.situation.summary(of: question, for: reader)
                times.append((processorTime() - begin).milliseconds)
            }
            medians.append((name, times.sorted()[times.count / 2]))
        }
        return medians
    }

    // MARK: A changed advisory

    /// Publishes a vulnerability in a package and waits until the answer is there, beside the node that takes the advisories in.
    func publish(
        _ fix: Tracker.Fix,
        in source: String,
        tracker: Tracker,
        hoursLater: Int,
        name: String,
        _ figures: inout Figures
    ) async throws {
        let question = try AffectedQuestion(parsing: fix.identifier)
        let imported = try await timed {
            try await node.importing(tracker.adding(fix, to: source), hoursLater: hoursLater)
        }
        figures.add("\(name), import", imported, "ms")
        let begin = ContinuousClock.now
        guard let difference = try await node.difference() else { throw Complaint("the import switched nothing") }
        figures.add("\(name), difference", (ContinuousClock.now - begin).milliseconds, "ms")
        async let integrated = node.assessment.integrate(difference)
        var first: Double?
        while first == nil {
            let page = try await node.situation.affected(by: question, for: reader, limit: Self.page)
            if !page.images.isEmpty { first = (ContinuousClock.now - begin).milliseconds }
        }
        let touched = try await integrated
        figures.add("\(name), answer there", first ?? 0, "ms", target: 1_000)
        figures.add("\(name), all queued", (ContinuousClock.now - begin).milliseconds, "ms")
        figures.add("\(name), images queued", Double(touched), "images")
        let count = try await answer(to: question).count
        if count != touched { figures.fail("\(fix.identifier): \(touched) images queued, \(count) in the answer") }
    }
}
