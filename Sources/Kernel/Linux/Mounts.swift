internal import CLinux

/// Mounts of the namespace this process is in.
public enum Mounts {
    /// What is mounted outside no longer comes in, nor the other way.
    public static func makePrivate() throws(SystemError) {
        try SystemError.check(clinux_private_mounts(), "mount", "/")
    }

    /// An empty folder in memory over what is there.
    public static func empty(_ folder: String, mode: String = "0755", isExecutable: Bool = false) throws(SystemError) {
        try new("tmpfs", folder, options: "mode=\(mode)", isExecutable: isExecutable)
    }

    /// A new file system of the kernel's: `proc`, `devpts`, `tmpfs`.
    public static func new(
        _ type: String,
        _ folder: String,
        options: String,
        isExecutable: Bool = false
    ) throws(SystemError) {
        try SystemError.checkPath(folder)
        try SystemError.check(unsafe clinux_mount_new(type, folder, options, isExecutable ? 1 : 0), "mount", folder)
    }

    /// Shows a file or folder under a second name; `isWhole` with what is mounted below it.
    public static func bind(_ source: String, over target: String, isWhole: Bool = false) throws(SystemError) {
        try SystemError.checkPath(source)
        try SystemError.checkPath(target)
        try SystemError.check(unsafe clinux_mount_bind(source, target, isWhole ? 1 : 0), "mount", target)
    }

    /// Shows something that was opened before it was covered.
    public static func bind(_ place: SharedFile, over target: String) throws(SystemError) {
        try bind("/proc/self/fd/\(place.rawDescriptor)", over: target, isWhole: true)
    }

    public static func makeReadOnly(_ path: String, isWhole: Bool = false) throws(SystemError) {
        try SystemError.checkPath(path)
        try SystemError.check(unsafe clinux_mount_read_only(path, isWhole ? 1 : 0), "mount_setattr", path)
    }

    /// Holds a place, not its contents: a socket or a folder that may not be read can be held too.
    public static func hold(_ path: String) throws(SystemError) -> SharedFile {
        try SystemError.checkPath(path)
        return SharedFile(adopting: try SystemError.check(unsafe clinux_open_place(path), "open", path), path: path)
    }
}
