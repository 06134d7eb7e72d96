// SPDX-License-Identifier: EUPL-1.2

internal import OCI
internal import SBOM

/// What a check may look at.
struct CheckInput: Sendable {
    let catalogue: Catalogue
    let evidence: ImageEvidence
    let assessed: Assessed
    let signed: SignedEvidence?
    let suppliers: SupplierEvidence?
    let reuse: ReuseEvidence?
    let context: EvaluationContext
    let kind: ImageKind
}

extension Criterion {
    // The loader has checked that each parameter is there and of its kind.

    func texts(_ name: String) -> [String] {
        if case .texts(let texts) = parameters[name] { return texts }
        return []
    }

    func number(_ name: String) -> Double {
        if case .number(let number) = parameters[name] { return number }
        return 0
    }

    func numbers(_ name: String) -> [Double] {
        if case .numbers(let numbers) = parameters[name] { return numbers }
        return []
    }

    func text(_ name: String) -> String {
        if case .text(let text) = parameters[name] { return text }
        return ""
    }
}

/// What annotations and labels say under one key.
enum MetadataValue: Sendable, Equatable {
    case absent
    case value(String, CriterionEvidence.Kind)
    /// Both say something, and not the same: whom to believe is not for a check to guess.
    case conflict(annotation: String, label: String)
}

extension ImageEvidence {
    /// The value of a key in the manifest's annotations and the configuration's labels; an empty text is none.
    func metadata(_ key: String) -> MetadataValue {
        let annotation = annotations[key].flatMap { $0.isEmpty ? nil : $0 }
        let label = configuration?.labels[key].flatMap { $0.isEmpty ? nil : $0 }
        switch (annotation, label) {
        case (nil, nil): return .absent
        case (let annotation?, nil): return .value(annotation, .annotation)
        case (nil, let label?): return .value(label, .label)
        case (let annotation?, let label?):
            return annotation == label
                ? .value(annotation, .annotation) : .conflict(annotation: annotation, label: label)
        }
    }
}

extension ImageKind {
    /// The kind that an image declares.
    ///
    /// A declaration excuses from criteria, so nothing doubtful counts: two that differ, a word that is none, or an "artefact" that names a
    /// command to start.
    static func declared(by evidence: ImageEvidence) -> ImageKind {
        guard case .value(let text, _) = evidence.metadata(key), let kind = ImageKind(rawValue: text) else {
            return .runtime
        }
        if kind == .artefact, let configuration = evidence.configuration {
            let starts = !(configuration.entrypoint ?? []).isEmpty || !(configuration.command ?? []).isEmpty
            return starts ? .runtime : .artefact
        }
        return kind
    }
}

extension ImageConfiguration {
    /// `linux/arm64/v8`, or nil when the configuration does not say.
    var platformText: String? {
        guard !os.isEmpty, !architecture.isEmpty else { return nil }
        return ([os, architecture] + [variant].compactMap { $0 }.filter { !$0.isEmpty }).joined(separator: "/")
    }
}
