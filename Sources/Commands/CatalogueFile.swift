// SPDX-License-Identifier: EUPL-1.2

import Criteria
import SBOM

extension Catalogue {
    /// The catalogue of this program.
    static func common() throws(CommandFailure) -> Catalogue {
        do { return try embedded() } catch { throw CommandFailure("\(error)") }
    }

    /// A catalogue from a file, or the common one where none is named.
    static func chosen(_ path: String?) throws(CommandFailure) -> Catalogue {
        guard let path else { return try common() }
        let bytes = try read(path)
        do { return try Catalogue(yaml: bytes, file: path) } catch { throw CommandFailure("\(error)") }
    }

    /// A catalogue that verdicts may name: other rules under the common version would be told as the common ones.
    static func own(_ path: String?) throws(CommandFailure) -> Catalogue {
        let catalogue = try chosen(path)
        let common = try common()
        if let path, catalogue.version == common.version, catalogue != common {
            throw CommandFailure(Texts.catalogueVersionTaken(path, catalogue.version))
        }
        return catalogue
    }

    /// The bytes of a catalogue's file.
    static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
        do { return try contents(path, limit: 8 << 20) } catch {
            throw CommandFailure(Texts.cannotRead(path, error.text))
        }
    }
}
