internal import CCurl

/// The bytes of a request's body, read where curl asks for them.
final class UploadSource {
    private let body: TransferBody
    private let descriptor: Int32
    private var offset: Int64 = 0

    var isExhausted: Bool { offset >= body.size }

    init(_ body: TransferBody) throws(TransferError) {
        self.body = body
        if case .file(let path, _) = body {
            descriptor = unsafe ccurl_open_file(path)
            guard descriptor >= 0 else {
                throw .invalidRequest("the file of the body cannot be opened")
            }
        } else {
            descriptor = -1
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func seek(to place: Int64) -> Bool {
        guard 0...body.size ~= place else { return false }
        offset = place
        return true
    }

    /// Fills the space; `nil` when the file ends before its told size or cannot be read.
    func read(into space: UnsafeMutableRawBufferPointer) -> Int? {
        let wanted = Int(min(Int64(space.count), body.size - offset))
        guard wanted > 0 else { return 0 }
        switch body {
        case .bytes(let bytes):
            let start = Int(offset)
            unsafe space.copyBytes(from: bytes[start..<start + wanted])
            offset += Int64(wanted)
            return wanted
        case .file:
            let count = unsafe ccurl_read_file(descriptor, space.baseAddress, wanted, offset)
            guard count > 0 else { return nil }
            offset += Int64(count)
            return count
        }
    }
}
