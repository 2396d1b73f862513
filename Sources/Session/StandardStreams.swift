internal import Kernel

/// stdout and stderr, whole texts at a time. A reader that has gone is no error of ours.
enum StandardStreams {
    static func output(_ bytes: [UInt8]) { write(bytes, to: 1) }
    static func error(_ bytes: [UInt8]) { write(bytes, to: 2) }

    /// Everything up to the end, or up to `limit` bytes.
    static func input(limit: Int) -> [UInt8] { (try? StandardStream.input(limit: limit)) ?? [] }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        try? StandardStream.write(bytes, to: descriptor)
    }
}
