internal import CLinux

/// The kernel's partitions that a sealed command lives in.
public enum Namespaces {
    /// A copy of this process in new user, mount, process, network and ipc namespaces: 0 in the copy, its number here.
    /// Nothing else may be running in this process.
    public static func clone() throws(SystemError) -> Int32 {
        try SystemError.check(clinux_clone(1, 1, 1, 1, 1), "clone")
    }

    /// A copy of this process in the namespaces that its children are in.
    public static func fork() throws(SystemError) -> Int32 {
        try SystemError.check(clinux_clone(0, 0, 0, 0, 0), "clone")
    }

    /// Puts this process, which must have one thread, into the namespaces of another; its children are in the other's
    /// process namespace, it itself never is.
    public static func join(_ process: Int32) throws(SystemError) {
        var files: [OpenNamespace] = []
        // All are opened first: in another user namespace the other process may no longer be looked into.
        for (kind, name) in ["user", "mnt", "pid", "net", "ipc"].enumerated() {
            let path = "/proc/\(process)/ns/\(name)"
            files.append(OpenNamespace(kind: Int32(kind), file: try Files.open(path, followLink: true)))
        }
        for place in files {
            try SystemError.check(clinux_join(place.file.rawDescriptor, place.kind), "setns")
        }
    }

    private struct OpenNamespace {
        let kind: Int32
        let file: SharedFile
    }

    /// The users and groups of this process's own namespace, each as itself; `nil` where this process may only give
    /// its own.
    public static func wholeIdentity() throws(SystemError) -> (users: String, groups: String)? {
        guard ProcessIdentity.effectiveUID == 0 else { return nil }
        return (try identity("uid_map"), try identity("gid_map"))
    }

    private static func identity(_ name: String) throws(SystemError) -> String {
        let text = String(decoding: try Files.readAll("/proc/self/\(name)", limit: 64 << 10), as: UTF8.self)
        return text.split(separator: "\n").compactMap { line in
            let numbers = line.split(separator: " ")
            return numbers.count == 3 ? "\(numbers[0]) \(numbers[0]) \(numbers[2])\n" : nil
        }.joined()
    }

    /// Says who is who in the user namespace of a child: everybody as themselves, or only ourselves.
    public static func map(_ child: Int32, _ whole: (users: String, groups: String)?) throws(SystemError) {
        if let whole {
            try write(whole.users, "/proc/\(child)/uid_map")
            try write(whole.groups, "/proc/\(child)/gid_map")
        } else {
            // Without this, an ordinary user could leave groups that withhold rights.
            try write("deny", "/proc/\(child)/setgroups")
            try write("\(geteuid()) \(geteuid()) 1\n", "/proc/\(child)/uid_map")
            try write("\(getegid()) \(getegid()) 1\n", "/proc/\(child)/gid_map")
        }
    }

    /// Writes a setting of the kernel, which takes a text at once or not at all.
    public static func write(_ text: String, _ path: String) throws(SystemError) {
        let file = try Files.openSetting(path)
        try file.append(Array(text.utf8))
    }

    /// The first process of a namespace ends with its parent, and everything in the namespace with it.
    public static func endWithParent() throws(SystemError) {
        try SystemError.check(clinux_end_with_parent(), "prctl")
    }

    /// Refuses, from here on and in all children, the few calls that namespaces do not hold back. What is returned
    /// tells of those who try to get out; nil where somebody above us watches already.
    public static func refuseUnconfinedCalls() throws(SystemError) -> SharedFile? {
        let watch = clinux_filter_seal(1)
        if watch >= 0 { return SharedFile(adopting: watch) }
        try SystemError.check(clinux_filter_seal(0), "seccomp")
        return nil
    }

    /// Ends the process at once, without what the language would do.
    public static func exit(_ status: Int32) -> Never { clinux_exit(status) }
}
