// SPDX-License-Identifier: EUPL-1.2

public import Advisories
package import Attestations
public import Criteria
import JSON
public import OCI
package import Policies
import SBOM
package import Time

/// Turns signed statements that count into the facts that criteria are decided from: a pure function of both and the rules.
///
/// Whoever calls it has verified each of them: a trusted key signed, may say such a thing here, and the statement names this digest.
package struct SupplierReading {
    /// The image that the statements name.
    let subject: Digest
    /// Whom the namespace believes what; holds the builder trust table.
    let rules: TrustRules
    /// The facts so far.
    package private(set) var evidence = SupplierEvidence()
    /// VEX documents of those who may say such things.
    package private(set) var documents: [AttestedDocument] = []

    /// VEX that is read when every bill is known.
    private var pending: [Pending] = []
    /// Names under which the bills of this image are referred to.
    private var links: Set<String> = []

    private struct Pending {
        let statement: Statement
        let signer: EvidenceSigner
        let payload: Digest
    }

    /// Statements of one kind that are read.
    package static let maximumStatements = 16

    package init(subject: Digest, rules: TrustRules) {
        self.subject = subject
        self.rules = rules
    }

    /// Reads one statement that counts; what no criterion asks for is passed over.
    ///
    /// What the node itself says is no supplier's word: its own bills and assessments come from what it knows already.
    package mutating func read(_ statement: Statement, by signer: EvidenceSigner, payload: Digest, loggedAt: Timestamp?)
    {
        guard let kind = AttestationKind(predicateType: statement.predicateType) else { return }
        guard !signer.isNode || kind == .provenance else { return }
        switch kind {
        case .provenance where evidence.provenance.count < Self.maximumStatements:
            provenance(statement, by: signer, loggedAt: loggedAt)
        case .bill where evidence.bills.count < Self.maximumStatements: bill(statement, by: signer)
        case .vex where pending.count < Self.maximumStatements:
            pending.append(Pending(statement: statement, signer: signer, payload: payload))
        default:
            let text = LocalizedText(
                de: "mehr als \(Self.maximumStatements) Nachweise einer Art",
                en: "more than \(Self.maximumStatements) attestations of one kind"
            )
            if !evidence.gaps.contains(text) { evidence.gaps.append(text) }
        }
    }

    /// Reads what had to wait for the rest; call it once, last.
    package mutating func finish() {
        for waiting in pending { vex(waiting.statement, by: waiting.signer, payload: waiting.payload) }
        pending = []
    }

    // MARK: - Provenance

    private mutating func provenance(_ statement: Statement, by signer: EvidenceSigner, loggedAt: Timestamp?) {
        let build: BuildProvenance
        do throws(AttestationError) { build = try BuildProvenance(statement) } catch {
            return gap(statement, signer, error.description)
        }
        let row = rules.builder(build.builderID, signedBy: signer.fingerprint)
        let source = build.source
        evidence.provenance.append(
            AttestedProvenance(
                signer: signer.name,
                predicateType: statement.predicateType,
                builder: build.builderID,
                buildType: build.buildType,
                level: row?.level ?? 0,
                operatedBy: row?.operatedBy,
                unexpected: row?.differences(buildType: build.buildType, parameters: build.externalParameters),
                source: source?.uri,
                revision: source?.revision,
                images: build.images,
                loggedAt: loggedAt
            )
        )
    }

    // MARK: - Bills

    private mutating func bill(_ statement: Statement, by signer: EvidenceSigner) {
        do throws(BillReadError) {
            let bill = try BillOfMaterials(reading: statement.document)
            let report = TR03183.check(bill)
            func fields(_ outcome: TR03183.Outcome, _ demands: [TR03183.Requirement]) -> [LocalizedText] {
                report.results.filter { $0.outcome == outcome && demands.contains($0.field.requirement) }
                    .map(\.field.title)
            }
            evidence.bills.append(
                AttestedBill(
                    signer: signer.name,
                    format: "\(bill.format.rawValue) \(bill.specVersion)",
                    conclusion: report.conclusion,
                    missing: fields(.missing, [.must, .mustIfExists]),
                    undecided: fields(.unknown, [.must]),
                    components: bill.entries.count,
                    timestamp: bill.timestamp.flatMap { Timestamp(rfc3339: $0) }
                )
            )
            if let serial = bill.identifier, let version = bill.version.flatMap({ Int($0) }),
                let link = VEXSubject.link(serialNumber: serial, version: version)
            {
                links.insert(link)
            }
            for reference in bill.subject?.references ?? [] where Self.contactTypes.contains(reference.type) {
                let contact = VulnerabilityContact(place: reference.url, namedBy: signer.name)
                guard !reference.url.isEmpty, !evidence.contacts.contains(contact),
                    evidence.contacts.count < Self.maximumStatements
                else { continue }
                evidence.contacts.append(contact)
            }
        } catch {
            evidence.bills.append(
                AttestedBill(
                    signer: signer.name,
                    format: statement.predicateType,
                    conclusion: nil,
                    problem: error.description.excerpt(300)
                )
            )
        }
    }

    private static let contactTypes: Set<String> = ["rfc-9116", "security-contact"]

    // MARK: - VEX

    private mutating func vex(_ statement: Statement, by signer: EvidenceSigner, payload: Digest) {
        var limits = VEXLimits()
        limits.statements = 10_000
        limits.products = 50_000
        limits.refusals = 100
        let image = VEXProduct(VEXComponent(digests: [subject.description]))
        do throws(VEXReadError) {
            let document = try VEXDocument(parsing: statement.document, subjects: [image], limits: limits)
            let own = AttestedDocument(
                document,
                about: subject,
                names: links,
                signer: signer,
                payload: payload,
                isLimited: rules.isLimited(signer.fingerprint)
            )
            documents.append(own)
            evidence.vex.append(AttestedVEX(document, foreign: own.foreign, signer: signer.name))
        } catch {
            gap(statement, signer, "\(error.place): \(error.reason.en)", "\(error.place): \(error.reason.de)")
        }
    }

    private mutating func gap(_ statement: Statement, _ signer: EvidenceSigner, _ en: String, _ de: String? = nil) {
        let name = "\(statement.predicateType.excerpt(100)) (\(signer.name.excerpt(100)))"
        evidence.gaps.append(
            LocalizedText(de: "\(name): \((de ?? en).excerpt(300))", en: "\(name): \(en.excerpt(300))")
        )
    }
}

/// A VEX document that a trusted key signed, cut down to what it may speak of: its subject.
public struct AttestedDocument: Sendable, Hashable {
    /// The document; every statement is about the subject, or parts of it.
    public let document: VEXDocument
    /// The image that the signed statement names.
    public let subject: Digest
    /// Who signed.
    public let signer: EvidenceSigner
    /// Digest of the payload that was signed.
    public let payload: Digest
    /// Whether the signer is believed in some repositories of the namespace only.
    public let isLimited: Bool
    /// Vulnerabilities whose statements are about other images, and are left out.
    package let foreign: [String]

    /// What a document says of one image.
    ///
    /// A signature over a statement about this digest vouches for nothing else: a package that the document names as a product is a part
    /// of this image here, and not that package wherever it lies.
    ///
    /// - Parameter names: further names of the image: links to its signed bills.
    init(
        _ document: VEXDocument,
        about subject: Digest,
        names: Set<String>,
        signer: EvidenceSigner,
        payload: Digest,
        isLimited: Bool
    ) {
        var own = document
        var foreign: [String] = []
        own.statements = document.statements.compactMap { statement in
            var statement = statement
            statement.products = statement.products.compactMap { product in
                let image = VEXComponent(digests: [subject.description])
                let named = product.identity.imageDigests
                if named.contains(subject.description) || product.identity.id.map(names.contains) ?? false {
                    return VEXProduct(image, subcomponents: product.subcomponents)
                }
                // Another image, or an image by a name that anything may have.
                guard named.isEmpty, let purl = product.identity.purl, purl.type != "oci", purl.type != "docker" else {
                    return nil
                }
                let parts = product.subcomponents.isEmpty ? [product.identity] : product.subcomponents
                return VEXProduct(image, subcomponents: parts)
            }
            if statement.products.isEmpty {
                foreign.append(statement.vulnerability.name)
                return nil
            }
            return statement
        }
        self.document = own
        self.subject = subject
        self.signer = signer
        self.payload = payload
        self.isLimited = isLimited
        self.foreign = foreign
    }
}

extension AttestedVEX {
    /// The facts of a document as its author wrote it.
    fileprivate init(_ document: VEXDocument, foreign: [String], signer: String) {
        let unjustified = document.statements.filter { $0.status == .notAffected && $0.justification == nil }
        let actionless = document.statements.filter {
            $0.status == .affected && $0.actionStatement == nil && $0.responses.isEmpty
        }
        var refused = document.refused.map { "\($0.place): \($0.reason.en)" }
        let others = document.refusedCount - document.refused.count
        if others > 0 { refused.append("\(others) more") }
        self.init(
            signer: signer,
            format: document.format.title,
            document: document.id.isEmpty ? "–" : document.id,
            statements: document.statements.count,
            unjustified: unjustified.map(\.vulnerability.name),
            actionless: actionless.map(\.vulnerability.name),
            refused: refused,
            foreign: foreign,
            timestamp: document.timestamp
        )
    }
}
