#if DEBUG
    internal import Gateway
    internal import NIOCore
    @testable internal import Proxy
    internal import Upstream

    /// What clients send to the proxy.
    extension Exercise {
        static let requests = [
            Exercise("request", "requests on a connection are the same however their bytes arrive") { bytes, findings in
                let whole = RequestStream.read(bytes, pieces: .max)
                for pieces in [1, 7] {
                    let parts = RequestStream.read(bytes, pieces: pieces)
                    findings.expect(parts == whole, "in pieces of \(pieces) the requests are \(parts), not \(whole)")
                }
            },
            Exercise("reply-head", "no reason and no field of an answer writes a line of its own") { bytes, findings in
                let words = bytes.split(separator: 0x1E, omittingEmptySubsequences: false)
                    .map { String(decoding: $0, as: UTF8.self) }
                let fields = zip(words.dropFirst(), words.dropFirst(2)).map { HeaderField($0, $1) }
                let reply = Reply(status: 200, reason: words[0], headers: fields)
                let printed = ReplyHead.print(reply, framing: .empty, to: nil, closes: true)
                let lines = Array(printed.readableBytesView).split(separator: 0x0A, omittingEmptySubsequences: false)
                let isHead = lines.suffix(2).map(Array.init) == [[0x0D], []] && !lines.dropLast(2).contains([0x0D])
                findings.expect(isHead && lines.count <= fields.count + 5, "an answer has lines of its own: \(lines)")
                let isClean = lines.dropLast().allSatisfy { line in
                    line.last == 0x0D && line.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
                }
                findings.expect(isClean, "a line of an answer holds a control byte: \(lines)")
            },
        ]
    }

    /// The requests that lie in some bytes, as a connection reads them.
    private struct RequestStream: Hashable {
        var requests: [String] = []
        var bodies: [[UInt8]] = []
        /// The status of the refusal that ends the connection.
        var refusal: Int?

        static func read(_ bytes: [UInt8], pieces: Int) -> RequestStream {
            var stream = RequestStream()
            var head = HeadReader(limits: RequestLimits())
            var body: BodyReader?
            var buffer = ByteBuffer()
            do throws(Proxy.Refusal) {
                for piece in bytes.cut(pieces) {
                    buffer.writeBytes(piece)
                    while try stream.step(&head, &body, &buffer) {}
                }
            } catch {
                stream.refusal = error.status
            }
            return stream
        }

        /// True while there is more to read in the buffer.
        private mutating func step(
            _ head: inout HeadReader,
            _ body: inout BodyReader?,
            _ buffer: inout ByteBuffer
        ) throws(Proxy.Refusal) -> Bool {
            guard var reader = body else {
                guard let request = try head.read(from: &buffer) else { return false }
                let fields = request.fields.map { "\($0.name): \($0.value)" }
                requests.append("\(request.method) \(request.target) \(request.framing) \(fields)")
                bodies.append([])
                body = try BodyReader(request.framing, limit: 1 << 20)
                return true
            }
            let next = try reader.read(from: &buffer)
            body = reader
            switch next {
            case .needsMore: return false
            case .bytes(let bytes): bodies[bodies.count - 1] += bytes.readableBytesView
            case .end: body = nil
            }
            return true
        }
    }
#else
    extension Exercise {
        static let requests: [Exercise] = []
    }
#endif
