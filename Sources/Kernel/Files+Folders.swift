internal import CLinux

extension Files {
    /// Makes the folder and those above it; one that exists already is left as it is.
    public static func makeFolder(_ path: String, mode: UInt32 = 0o700) throws(SystemError) {
        try SystemError.checkPath(path)
        let status = unsafe clinux_make_folder(path, mode)
        if status == 0 { return }
        if status == -ENOENT, folder(of: path) != path {
            try makeFolder(folder(of: path), mode: mode)
            let again = unsafe clinux_make_folder(path, mode)
            // Somebody else may have made it between the two calls.
            if again != -EEXIST { try SystemError.check(again, "mkdir", path) }
        } else if status != -EEXIST {
            try SystemError.check(status, "mkdir", path)
        }
        guard try stat(path, followLink: true).isFolder else {
            throw SystemError(call: "mkdir", errno: EEXIST, path: path)
        }
    }

    /// The names in a folder, sorted by their bytes; more than `limit` are the error E2BIG.
    public static func list(_ path: String, limit: Int = 1_000_000) throws(SystemError) -> [String] {
        try SystemError.checkPath(path)
        var status: Int32 = 0
        let opened = unsafe clinux_open_list(path, &status)
        try SystemError.check(status, "opendir", path)
        guard let folder = unsafe opened else { throw SystemError(call: "opendir", errno: EIO, path: path) }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let name = unsafe clinux_next_name(folder, &status) {
            guard names.count < limit else { throw SystemError(call: "readdir", errno: E2BIG, path: path) }
            names.append(unsafe String(cString: name))
        }
        try SystemError.check(status, "readdir", path)
        return names.sorted()
    }

    /// Removes a file or a whole tree, never through a symbolic link. What is not there is no error; more than `limit`
    /// entries, or folders deeper than `depth`, are.
    public static func removeTree(_ path: String, limit: Int64 = 10_000_000, depth: Int = 200) throws(SystemError) {
        try SystemError.checkPath(path)
        try SystemError.check(unsafe clinux_remove_tree(path, limit, Int32(clamping: depth)), "remove", path)
    }

    /// The names in the folder are on the disk when this returns.
    public static func syncFolder(_ path: String) throws(SystemError) {
        try SystemError.checkPath(path)
        let descriptor = try SystemError.check(unsafe clinux_open_folder(path), "open", path)
        defer { clinux_close(descriptor) }
        try SystemError.check(clinux_sync(descriptor), "fsync", path)
    }
}
