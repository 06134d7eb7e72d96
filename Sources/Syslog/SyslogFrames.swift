// SPDX-License-Identifier: EUPL-1.2

internal import NIOCore

/// Messages with their length in front of them, in pieces that are written one after the other.
///
/// Counting instead of a line end: a message may hold any byte, and none can forge the next.
///
/// Source: RFC 5425, 4.3 (`MSG-LEN SP SYSLOG-MSG`); RFC 6587, 3.4.1.
struct SyslogFrames: Sequence, IteratorProtocol {
    /// A piece is closed at the first message that reaches this size.
    static let pieceBytes = 64 << 10

    private var rest: ArraySlice<[UInt8]>

    init(_ messages: [[UInt8]]) { rest = messages[...] }

    mutating func next() -> ByteBuffer? {
        guard !rest.isEmpty else { return nil }
        var piece = ByteBuffer()
        while piece.readableBytes < Self.pieceBytes, let message = rest.popFirst() {
            piece.writeString("\(message.count) ")
            piece.writeBytes(message)
        }
        return piece
    }
}
