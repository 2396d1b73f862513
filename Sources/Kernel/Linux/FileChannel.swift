internal import CLinux

/// What came over a channel: bytes, and open files that are ours now.
public struct ChannelMessage: Sendable {
    public let bytes: [UInt8]
    public let files: [SharedFile]
}

/// Messages with open files between two processes of ours. A message is whole or an error; calls block.
public final class FileChannel: Sendable {
    /// More files than this do not go with one message.
    public static let mostFiles = 250
    private let file: SharedFile

    public init(_ file: SharedFile) { self.file = file }

    /// One end for us and one to be handed to a child.
    public static func pair() throws(SystemError) -> (ours: FileChannel, theirs: SharedFile) {
        var ends: [Int32] = [-1, -1]
        let status = unsafe ends.withUnsafeMutableBufferPointer { unsafe clinux_socket_pair($0.baseAddress) }
        try SystemError.check(status, "socketpair")
        return (FileChannel(SharedFile(adopting: ends[0])), SharedFile(adopting: ends[1]))
    }

    public var rawDescriptor: Int32 { file.rawDescriptor }

    /// A message that does not come within this time is then an error.
    public func setPatience(seconds: Int32) throws(SystemError) {
        try SystemError.check(clinux_set_patience(file.rawDescriptor, seconds), "setsockopt")
    }

    /// The files stay ours; the other side gets descriptors of its own.
    public func send(_ bytes: [UInt8], files: [SharedFile] = []) throws(SystemError) {
        // Numbers alone would not keep them open.
        defer { withExtendedLifetime(files) {} }
        let descriptors = files.map(\.rawDescriptor)

        guard let count = UInt32(exactly: bytes.count), files.count <= FileChannel.mostFiles else {
            throw SystemError(call: "sendmsg", errno: EMSGSIZE)
        }
        let message =
            stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: count >> UInt32($0)) } + bytes
        var done = 0
        while done < message.count {
            let carried = done == 0 ? descriptors : []
            let got = unsafe message.withUnsafeBytes { space in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: space[done...])
                return unsafe carried.withUnsafeBufferPointer { numbers in
                    unsafe clinux_send(
                        file.rawDescriptor,
                        rest.baseAddress,
                        rest.count,
                        numbers.baseAddress,
                        Int32(numbers.count)
                    )
                }
            }
            done += Int(try SystemError.check(got, "sendmsg"))
        }
    }

    /// The next message; `nil` when the other side has gone.
    public func receive(limit: Int = 16 << 20) throws(SystemError) -> ChannelMessage? {
        var files: [SharedFile] = []
        guard let head = try read(4, &files) else { return nil }
        let count = head.reduce(0) { $0 << 8 | Int($1) }
        guard count <= limit else { throw SystemError(call: "recvmsg", errno: EMSGSIZE) }
        guard let bytes = try read(count, &files) else { throw SystemError(call: "recvmsg", errno: EPIPE) }
        return ChannelMessage(bytes: bytes, files: files)
    }

    private func read(_ count: Int, _ files: inout [SharedFile]) throws(SystemError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            var numbers = [Int32](repeating: -1, count: FileChannel.mostFiles)
            var came = Int32(numbers.count)
            let got = unsafe bytes.withUnsafeMutableBytes { space in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: space[done...])
                return unsafe numbers.withUnsafeMutableBufferPointer { numbers in
                    unsafe clinux_receive(
                        file.rawDescriptor,
                        rest.baseAddress,
                        rest.count,
                        numbers.baseAddress,
                        &came
                    )
                }
            }
            files += numbers.prefix(Int(max(0, came))).map { SharedFile(adopting: $0) }
            if try SystemError.check(got, "recvmsg") == 0 { return done == 0 ? nil : [] }
            done += Int(got)
        }
        return bytes
    }
}
