internal import CArchive

/// Owns one zlib stream; a class because zlib keeps a pointer to the stream beyond a call.
@safe final class Inflater {
    /// What frames the deflated bytes.
    enum Framing: CInt {
        case bare = -15
        case zlib = 15
        case gzip = 31
    }

    private let stream: UnsafeMutablePointer<z_stream>
    /// The last call filled its output, so more may come without more input.
    private(set) var isFull = false
    private var output = [UInt8](repeating: 0, count: 65_536)

    init(_ framing: Framing) {
        unsafe stream = .allocate(capacity: 1)
        guard unsafe purser_inflate_start(stream, framing.rawValue) == Z_OK else { fatalError("out of memory") }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Makes ready for the next member.
    func restart() {
        unsafe inflateReset(stream)
        isFull = false
    }

    /// Inflates from `input[at...]` and moves `at` on; true once the member has ended and its checksum was right.
    func inflate(_ input: [UInt8], at: inout Int) throws(ArchiveError) -> (bytes: [UInt8], hasEnded: Bool) {
        let start = at
        var status: CInt = Z_OK
        var left = 0
        var room = 0
        unsafe input.withUnsafeBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress?.advanced(by: start))
                unsafe stream.pointee.avail_in = UInt32(source.count - start)
                unsafe stream.pointee.next_out = target.baseAddress
                unsafe stream.pointee.avail_out = UInt32(target.count)
                status = unsafe CArchive.inflate(stream, Z_NO_FLUSH)
                left = unsafe Int(stream.pointee.avail_in)
                room = unsafe Int(stream.pointee.avail_out)
            }
        }
        at = input.count - left
        isFull = room == 0
        guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
            throw .malformed("compressed bytes are damaged (zlib error \(status))")
        }
        return (Array(output[..<(output.count - room)]), status == Z_STREAM_END)
    }

    /// CRC-32 as zip has it, continued from `checksum`.
    static func checksum(_ bytes: [UInt8], from checksum: UInt32) -> UInt32 {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            UInt32(truncatingIfNeeded: unsafe crc32(UInt(checksum), buffer.baseAddress, UInt32(buffer.count)))
        }
    }
}

/// The inflated bytes of a gzip file (members one behind the other, as gzip reads them) or of a zlib stream.
final class InflatedSource: ByteSource {
    private let source: RegionSource
    private let inflater: Inflater
    private var input: [UInt8] = []
    private var at = 0
    private var isBetweenMembers = false

    init(_ source: RegionSource, framing: Inflater.Framing) {
        self.source = source
        inflater = Inflater(framing)
    }

    func next() throws(ArchiveError) -> [UInt8] {
        while true {
            if at == input.count, isBetweenMembers || !inflater.isFull {
                input = try source.next()
                at = 0
                guard !input.isEmpty else {
                    guard isBetweenMembers else { throw .malformed("compressed bytes end too early") }
                    return []
                }
            }
            if isBetweenMembers {
                // Padding with zeros is what tapes leave, and gzip lets it pass.
                if input[at] == 0 { return try passZeros() }
                inflater.restart()
                isBetweenMembers = false
            }
            let (bytes, hasEnded) = try inflater.inflate(input, at: &at)
            isBetweenMembers = hasEnded
            if !bytes.isEmpty { return bytes }
        }
    }

    private func passZeros() throws(ArchiveError) -> [UInt8] {
        while true {
            guard input[at...].allSatisfy({ $0 == 0 }) else { throw .malformed("bytes after the compressed stream") }
            input = try source.next()
            at = 0
            if input.isEmpty { return [] }
        }
    }
}
