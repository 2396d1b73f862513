/// What `/proc` tells of other processes. A process that we may not look into is as good as none.
public enum ProcessTable {
    /// The process that has the socket of this number open: the likely ones are asked first, then the youngest.
    public static func holder(ofSocket number: UInt32, likely: [Int32] = []) -> Int32? {
        let link = "socket:[\(number)]"
        if let found = likely.first(where: { holds($0, link) }) { return found }
        let others = ((try? Files.list("/proc")) ?? []).compactMap { Int32($0) }.sorted(by: >)
        return others.first { !likely.contains($0) && holds($0, link) }
    }

    /// The highest number first: that is the one opened last, and who asks has just opened its connection.
    private static func holds(_ process: Int32, _ link: String) -> Bool {
        let folder = "/proc/\(process)/fd"
        let open = ((try? Files.list(folder, limit: 10_000)) ?? []).compactMap { Int32($0) }.sorted(by: >)
        return open.contains { (try? Files.readlink("\(folder)/\($0)")) == link }
    }

    /// The words it was started with; `nil` when it is gone or is none of ours.
    public static func words(of process: Int32) -> [String]? {
        guard let bytes = try? Files.readAll("/proc/\(process)/cmdline", limit: 256 << 10), !bytes.isEmpty else {
            return nil
        }
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Its parent, the parent's parent and so on, nearest first.
    public static func ancestors(of process: Int32, limit: Int = 64) -> [Int32] {
        var found: [Int32] = []
        var next = process
        while found.count < limit, let bytes = try? Files.readAll("/proc/\(next)/stat", limit: 4_096),
            let parent = ChildProcess.parent(inStat: String(decoding: bytes, as: UTF8.self)), parent > 0
        {
            found.append(parent)
            next = parent
        }
        return found
    }
}
