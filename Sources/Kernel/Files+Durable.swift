internal import CLinux

extension Files {
    /// Renames and waits until the new name is on the disk. The file's own bytes must have been synced before.
    public static func renameDurably(_ from: String, to path: String) throws(SystemError) {
        try SystemError.checkPath(from)
        try SystemError.checkPath(path)
        try SystemError.check(unsafe clinux_rename(from, path), "rename", path)
        try syncFolder(folder(of: path))
        if folder(of: from) != folder(of: path) { try syncFolder(folder(of: from)) }
    }

    /// Gives an open file one more name; an existing one is the error EEXIST. Not durable by itself.
    public static func link(_ file: SharedFile, to path: String) throws(SystemError) {
        try SystemError.checkPath(path)
        try SystemError.check(unsafe clinux_link_file(file.rawDescriptor, path), "link", path)
    }

    /// Replaces the file: after a crash it is wholly the old or wholly the new one. Not `durably`, for caches: that
    /// holds for a crash of the process, not for a power cut.
    public static func writeAtomically(
        _ path: String,
        _ bytes: [UInt8],
        mode: UInt32 = 0o600,
        durably: Bool = true
    ) throws(SystemError) {
        let file = try TemporaryFile(in: folder(of: path))
        try file.file.append(bytes)
        // Not at creation: the mask of the process would take bits away.
        try file.file.chmod(mode)
        try file.commit(to: path, replacing: true, durably: durably)
    }
}
