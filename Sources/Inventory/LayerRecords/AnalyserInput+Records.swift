// SPDX-License-Identifier: EUPL-1.2

import Archives
import ImageSources
import OCI

extension AnalyserInput {
    /// Layers with a record whose bytes do not have the digest that it was made for, or cannot be read.
    func contradictedLayers(_ stop: StopSignal) -> [Int] {
        guard case .manifest(_, _, _, let layers) = content else { return [] }
        return layers.indices.filter { index in
            guard layers[index].record != nil, let digest = layers[index].digest else { return false }
            return layers[index].storedDigest(digest.algorithm, stop) != digest
        }
    }

    /// The same without what is remembered of some layers.
    func forgetting(_ indices: [Int]) -> AnalyserInput {
        guard case .manifest(let bytes, let digest, let configuration, var layers) = content else { return self }
        for index in indices { layers[index].record = nil }
        return AnalyserInput(
            content: .manifest(bytes: bytes, digest: digest, configuration: configuration, layers: layers)
        )
    }
}

extension AnalyserInput.Layer {
    /// Digest of its bytes as they are; nil when they cannot be read, or nobody waits for it any more.
    fileprivate func storedDigest(_ algorithm: Digest.Algorithm, _ stop: StopSignal) -> Digest? {
        let source: ArchiveSource =
            switch bytes {
            case .descriptor(let descriptor, let offset, let length):
                .file(descriptor: descriptor.number, offset: offset, length: length)
            case .memory(let bytes): .memory(bytes)
            }
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { block.deallocate() }
        var hasher = DigestHasher(algorithm)
        var position: Int64 = 0
        while !stop.isRaised, let count = try? source.read(at: position, into: block) {
            if count == 0 { return hasher.finalized() }
            hasher.update(UnsafeRawBufferPointer(rebasing: block[..<count]))
            position += Int64(count)
        }
        return nil
    }
}
