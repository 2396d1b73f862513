internal import Core
internal import Gateway
internal import Kernel
internal import NIOCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

extension ConnectionHandler {
    /// Lets the kernel copy the file to the socket, behind the head and in one packet with it.
    func send(_ head: ByteBuffer, _ file: SharedFile, _ range: Range<Int64>) {
        guard let context else { return }
        cork(context, true)
        context.write(wrapOutboundOut(.byteBuffer(head)), promise: nil)
        send(file, range)
        cork(context, false)
    }

    /// A long body out of memory, the first piece behind the head.
    func send(_ head: ByteBuffer, _ body: [UInt8], _ range: Range<Int64>) {
        guard case .answering = phase, let context else { return }
        let end = min(range.upperBound, range.lowerBound + Int64(ConnectionHandler.piece))
        var bytes = head
        bytes.writeBytes(body[Int(range.lowerBound)..<Int(end)])
        setDeadline(seconds: limits.stallSeconds)
        let written = context.writeAndFlush(wrapOutboundOut(.byteBuffer(bytes)))
        goOn(after: written, with: end..<range.upperBound) { self.send(ByteBuffer(), body, $0) }
    }

    /// Piece by piece, so that a client that takes nothing is noticed.
    private func send(_ file: SharedFile, _ range: Range<Int64>) {
        guard case .answering = phase, let context else { return }
        let end = min(range.upperBound, range.lowerBound + Int64(ConnectionHandler.piece))
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: file.rawDescriptor)
        let region = FileRegion(fileHandle: handle, readerIndex: Int(range.lowerBound), endIndex: Int(end))
        setDeadline(seconds: limits.stallSeconds)
        let written = context.writeAndFlush(wrapOutboundOut(.fileRegion(region)))
        written.assumeIsolated().whenComplete { _ in
            // The descriptor stays the shared file's own, which is held until here.
            _ = try? handle.takeDescriptorOwnership()
            withExtendedLifetime(file) {}
        }
        goOn(after: written, with: end..<range.upperBound) { self.send(file, $0) }
    }

    /// TLS wants the bytes in memory: one piece of the file at a time, the first behind the head.
    func sendCopied(_ head: ByteBuffer, _ file: SharedFile, _ range: Range<Int64>) {
        guard case .answering = phase, let context else { return }
        let end = min(range.upperBound, range.lowerBound + 131_072)
        let count = Int(end - range.lowerBound)
        var bytes = head
        do throws(SystemError) {
            try bytes.writeWithOutputRawSpan(minimumWritableBytes: count) { space throws(SystemError) in
                try file.read(at: range.lowerBound, count: count, into: &space)
            }
        } catch {
            return abort()
        }
        // A file that became shorter than what the head announced.
        guard bytes.readableBytes == head.readableBytes + count else { return abort() }
        setDeadline(seconds: limits.stallSeconds)
        let written = context.writeAndFlush(wrapOutboundOut(.byteBuffer(bytes)))
        goOn(after: written, with: end..<range.upperBound) { self.sendCopied(ByteBuffer(), file, $0) }
    }

    private func goOn(
        after written: EventLoopFuture<Void>,
        with rest: Range<Int64>,
        _ send: @escaping (Range<Int64>) -> Void
    ) {
        guard !rest.isEmpty else { return complete(written) }
        let loop = written.eventLoop.assumeIsolated()
        written.assumeIsolated().whenComplete { result in
            // Other connections have their turn between two pieces.
            loop.execute { if case .success = result { send(rest) } else { self.abort() } }
        }
    }

    /// While it is set, the kernel sends full packets only.
    private func cork(_ context: ChannelHandlerContext, _ isSet: Bool) {
        #if os(Linux)
            let option = ChannelOptions.Types.SocketOption(
                level: .tcp,
                name: NIOBSDSocket.Option(rawValue: TCP_CORK)
            )
            // Without it the head goes in a packet of its own.
            try? context.channel.syncOptions?.setOption(option, value: isSet ? 1 : 0)
        #endif
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
