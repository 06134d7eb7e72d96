// SPDX-License-Identifier: EUPL-1.2

/// Why an image could not be analysed at all.
///
/// What concerns one layer or one file is no error but an `InventoryProblem` of the evidence.
public enum AnalysisError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The manifest is no image manifest.
    case manifest(String)
    /// The configuration is no image configuration.
    case configuration(String)
    /// The manifest names another number of layers than were given.
    case layerCount(manifest: Int, given: Int)
    /// More layers than the bound.
    case tooManyLayers(count: Int, limit: Int)
    /// Neither layers nor a root directory were given.
    case nothingToAnalyse
    /// A file of the image or the root directory could not be read.
    case unreadable(String)

    /// What, where and why, in one English sentence without a full stop.
    public var description: String {
        switch self {
        case .manifest(let reason): "the manifest cannot be read: \(reason)"
        case .configuration(let reason): "the image configuration cannot be read: \(reason)"
        case .layerCount(let manifest, let given): "the manifest names \(manifest) layers, but \(given) were given"
        case .tooManyLayers(let count, let limit): "the image has \(count) layers; at most \(limit) are analysed"
        case .nothingToAnalyse: "neither layers nor a root directory were given"
        case .unreadable(let reason): "the image cannot be read: \(reason)"
        }
    }
}
