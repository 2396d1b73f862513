internal import Core
internal import Gateway
internal import Kernel
internal import NIOConcurrencyHelpers
internal import NIOCore

extension ConnectionHandler {
    /// Lets the kernel copy the file to the socket, piece by piece so that a client that takes nothing is noticed.
    func send(_ file: SharedFile, _ range: Range<Int64>) {
        guard case .answering = phase, let context else { return }
        let end = min(range.upperBound, range.lowerBound + 262_144)
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: file.rawDescriptor)
        let region = FileRegion(fileHandle: handle, readerIndex: Int(range.lowerBound), endIndex: Int(end))
        let rest = end..<range.upperBound
        let promise = rest.isEmpty ? completion(context) : context.eventLoop.makePromise(of: Void.self)
        let loop = context.eventLoop.assumeIsolated()
        promise.futureResult.assumeIsolated().whenComplete { result in
            // The descriptor stays the shared file's own, which is held until here.
            _ = try? handle.takeDescriptorOwnership()
            withExtendedLifetime(file) {}
            guard !rest.isEmpty else { return }
            // Not from within the write, see `completion`.
            loop.execute { if case .success = result { self.send(file, rest) } else { self.abort() } }
        }
        setDeadline(seconds: limits.stallSeconds)
        context.writeAndFlush(wrapOutboundOut(.fileRegion(region)), promise: promise)
    }
}

/// A file as a stream, for connections on which the kernel cannot send it by itself.
final class FileParts: Sendable {
    private let file: SharedFile
    private let end: Int64
    private let place: NIOLockedValueBox<Int64>

    init(_ file: SharedFile, _ range: Range<Int64>) {
        self.file = file
        end = range.upperBound
        place = NIOLockedValueBox(range.lowerBound)
    }

    @Sendable func next() async throws(Problem) -> [UInt8]? {
        let (from, count) = place.withLockedValue { place in
            defer { place += min(131_072, end - place) }
            return (place, min(131_072, end - place))
        }
        guard count > 0 else { return nil }
        do { return try file.read(at: from, count: Int(count)) } catch {
            throw Problem(
                .storageDamaged,
                subject: "a stored file",
                summary: "cannot be read",
                remedy: "run 'purser doctor' on the storage folder",
                details: ["cause": "\(error)"]
            )
        }
    }
}

extension Reply {
    /// The kernel would wait for ever for bytes that a file does not have.
    var checked: Reply {
        guard case .file(let file, let range) = body else { return self }
        if range.lowerBound >= 0, let size = try? file.stat().size, range.upperBound <= size { return self }
        return Refusal(500, "storage.damaged: a stored file is shorter than it should be").reply
    }
}
