internal import CLinux

extension ChildProcess {
    /// Ends the child and whatever it started that is still below it. Where the system has no `/proc`, the child alone.
    public func endTree() {
        // One whose signals are relayed takes what is below it along.
        let below = ChildProcess.descendants(of: pid)
        _ = try? signal(SIGKILL)
        for process in below { _ = clinux_kill(process, SIGKILL) }
    }

    /// The processes below this one, as the kernel names their parents now.
    static func descendants(of root: Int32) -> [Int32] {
        var children: [Int32: [Int32]] = [:]
        for name in (try? Files.list("/proc")) ?? [] {
            guard let process = Int32(name), let bytes = try? Files.readAll("/proc/\(name)/stat", limit: 4_096) else {
                continue
            }
            if let parent = parent(inStat: String(decoding: bytes, as: UTF8.self)) {
                children[parent, default: []].append(process)
            }
        }
        var found: [Int32] = []
        var open = [root]
        while let next = open.popLast() {
            let below = children.removeValue(forKey: next) ?? []
            found += below
            open += below
        }
        return found
    }

    /// The fourth field; the second is the program's name and may hold spaces and parentheses.
    static func parent(inStat text: String) -> Int32? {
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 1 ? Int32(fields[1]) : nil
    }
}
