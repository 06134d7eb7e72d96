// SPDX-License-Identifier: EUPL-1.2

import Mustache

/// The stored properties of a model by name, and of everything in it.
///
/// Reflected once per value: Mustache by itself reflects a row anew for each name that a template says in it, which for a page of a
/// hundred rows took longer than finding out what is in them.
struct Members: MustacheParent {
    private let values: [String: Any]

    init(_ model: Any) { self.init(Mirror(reflecting: model)) }

    private init(_ mirror: Mirror) {
        var values: [String: Any] = [:]
        values.reserveCapacity(mirror.children.count)
        for child in mirror.children {
            guard let label = child.label, let value = Self.value(child.value) else { continue }
            values[label] = value
        }
        self.values = values
    }

    /// What a template meets under a name; nil where there is nothing.
    private static func value(_ value: Any) -> Any? {
        switch value {
        case is String, is Bool, is Int: return value
        case let list as [String]: return list
        case is any MustacheParent: return value
        default: break
        }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional: return mirror.children.first.flatMap { Self.value($0.value) }
        case .collection: return mirror.children.compactMap { Self.value($0.value) }
        case .struct: return Members(mirror)
        default: return value
        }
    }

    func child(named name: String) -> Any? { values[name] }
}
