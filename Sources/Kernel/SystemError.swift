internal import CLinux

/// A call the kernel refused: which, why, and on what.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    public let call: String
    public let errno: Int32
    public let path: String?

    public init(call: String, errno: Int32, path: String? = nil) {
        self.call = call
        self.errno = errno
        self.path = path
    }

    /// No room, or none for us.
    public var isFull: Bool { errno == ENOSPC || errno == EDQUOT || errno == EFBIG }
    public var isMissing: Bool { errno == ENOENT || errno == ENOTDIR }
    public var exists: Bool { errno == EEXIST }
    /// This system has no such call.
    public var isUnsupported: Bool { errno == EOPNOTSUPP || errno == ENOSYS }

    public var description: String {
        let reason = unsafe String(cString: strerror(errno))
        return path.map { "\(call) \($0): \(reason)" } ?? "\(call): \(reason)"
    }

    /// The answer of a door of `CLinux`: a negative one is an errno.
    @discardableResult
    static func check<Answer: FixedWidthInteger>(
        _ answer: Answer,
        _ call: String,
        _ path: String? = nil
    ) throws(SystemError) -> Answer {
        guard answer < 0 else { return answer }
        throw SystemError(call: call, errno: Int32(truncatingIfNeeded: 0 - answer), path: path)
    }

    /// C reads a text up to its first zero byte: such a path would be another one.
    static func checkPath(_ path: String) throws(SystemError) {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw SystemError(call: "open", errno: EINVAL, path: path) }
    }
}
