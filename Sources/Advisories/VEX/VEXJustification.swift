// SPDX-License-Identifier: EUPL-1.2

/// Why a product is not affected: OpenVEX's and CSAF's five labels, and CycloneDX's own.
///
/// Source: OpenVEX 0.2.0, "Status Justifications"; CSAF 2.0, 3.2.3.5.2 (flags); CycloneDX 1.6, `impactAnalysisJustification`.
public enum VEXJustification: String, Sendable, Hashable, CaseIterable {
    /// The vulnerable component is not in the product.
    case componentNotPresent = "component_not_present"
    /// The component is there, without the vulnerable code.
    case vulnerableCodeNotPresent = "vulnerable_code_not_present"
    /// The vulnerable code is there and is never run.
    case vulnerableCodeNotInExecutePath = "vulnerable_code_not_in_execute_path"
    /// The vulnerable code is run, and nobody from outside can steer it.
    case vulnerableCodeCannotBeControlledByAdversary = "vulnerable_code_cannot_be_controlled_by_adversary"
    /// The product has protections that cannot be switched off.
    case inlineMitigationsAlreadyExist = "inline_mitigations_already_exist"

    /// CycloneDX: the code has been removed.
    case codeNotPresent = "code_not_present"
    /// CycloneDX: the code is not invoked at run time.
    case codeNotReachable = "code_not_reachable"
    /// CycloneDX: an option would have to be set or unset.
    case requiresConfiguration = "requires_configuration"
    /// CycloneDX: a dependency would be needed that is not there.
    case requiresDependency = "requires_dependency"
    /// CycloneDX: an environment would be needed that is not there.
    case requiresEnvironment = "requires_environment"
    /// CycloneDX: a compiler flag would have to be set or unset.
    case protectedByCompiler = "protected_by_compiler"
    /// CycloneDX: exploits are prevented at run time.
    case protectedAtRuntime = "protected_at_runtime"
    /// CycloneDX: attacks are blocked at the perimeter.
    case protectedAtPerimeter = "protected_at_perimeter"
    /// CycloneDX: other measures have been taken.
    case protectedByMitigatingControl = "protected_by_mitigating_control"
    /// CycloneDX's state `false_positive`, which is a ground of its own: the vulnerability is of something else.
    case falsePositive = "false_positive"

    /// The nearest of the five labels that OpenVEX and CSAF share.
    public var openVEX: VEXJustification {
        switch self {
        case .componentNotPresent, .vulnerableCodeNotPresent, .vulnerableCodeNotInExecutePath,
            .vulnerableCodeCannotBeControlledByAdversary, .inlineMitigationsAlreadyExist:
            self
        case .codeNotPresent, .falsePositive: .vulnerableCodeNotPresent
        case .codeNotReachable: .vulnerableCodeNotInExecutePath
        case .requiresConfiguration, .requiresDependency, .requiresEnvironment:
            .vulnerableCodeCannotBeControlledByAdversary
        case .protectedByCompiler, .protectedAtRuntime, .protectedAtPerimeter, .protectedByMitigatingControl:
            .inlineMitigationsAlreadyExist
        }
    }

    /// The nearest of CycloneDX's nine; nil for ``falsePositive``, which is a state there.
    public var cycloneDX: VEXJustification? {
        switch self {
        case .componentNotPresent, .vulnerableCodeNotPresent: .codeNotPresent
        case .vulnerableCodeNotInExecutePath: .codeNotReachable
        case .vulnerableCodeCannotBeControlledByAdversary: .requiresEnvironment
        case .inlineMitigationsAlreadyExist: .protectedByMitigatingControl
        case .falsePositive: nil
        default: self
        }
    }
}
