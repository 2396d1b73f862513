internal import CLinux

/// A descriptor with exactly one owner; closed as the owner lets go of it.
public struct OwnedFile: ~Copyable, Sendable {
    public let rawDescriptor: Int32

    /// Takes the descriptor over.
    public init(adopting descriptor: Int32) { rawDescriptor = descriptor }

    deinit { clinux_close(rawDescriptor) }

    /// Another descriptor of the same open file, to be shared.
    public consuming func share() throws(SystemError) -> SharedFile {
        SharedFile(adopting: try SystemError.check(clinux_duplicate(rawDescriptor), "dup"))
    }
}
