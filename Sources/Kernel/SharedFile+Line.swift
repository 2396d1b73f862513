internal import CLinux

extension SharedFile {
    /// What a pipe says up to its first line end; `nil` when it ends, says too much or takes too long before.
    public func firstLine(limit: Int, seconds: Double) async -> [UInt8]? {
        await BlockingThread.run { self.awaitLine(limit, Deadline(seconds: seconds)) } ?? nil
    }

    private func awaitLine(_ limit: Int, _ deadline: Deadline) -> [UInt8]? {
        var line: [UInt8] = []
        while line.count <= limit {
            let wait = deadline.milliseconds
            guard wait > 0 else { return nil }
            let places: [Int32] = [rawDescriptor, -1]
            let ready = unsafe places.withUnsafeBufferPointer { unsafe clinux_poll($0.baseAddress, -1, wait) }
            guard ready >= 0 else { return nil }
            guard ready > 0 else { continue }
            guard let part = try? readNext(), !part.isEmpty else { return nil }
            line += part
            if let end = line.firstIndex(of: 0x0A) { return Array(line[..<end]) }
        }
        return nil
    }
}
