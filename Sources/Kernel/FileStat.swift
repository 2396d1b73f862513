internal import CLinux

/// What the kernel says of a file.
public struct FileStat: Hashable, Sendable {
    public let device: UInt64
    public let inode: UInt64
    public let links: UInt64
    public let size: Int64
    public let mtimeNanos: Int64
    public let ctimeNanos: Int64
    public let mode: UInt32
    public let uid: UInt32
    public let gid: UInt32

    public var isRegular: Bool { mode & 0o170000 == 0o100000 }
    public var isFolder: Bool { mode & 0o170000 == 0o040000 }
    public var isSymbolicLink: Bool { mode & 0o170000 == 0o120000 }
    public var permissions: UInt32 { mode & 0o7777 }

    init(_ found: clinux_status) {
        device = found.device
        inode = found.inode
        links = found.links
        size = found.size
        mtimeNanos = found.modified
        ctimeNanos = found.changed
        mode = found.mode
        uid = found.uid
        gid = found.gid
    }
}
