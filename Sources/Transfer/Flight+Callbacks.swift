internal import CCurl

extension Flight {
    /// Hands curl our callbacks; they are called only while the engine's loop, which keeps us alive, drives the handle.
    func listen() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe check(ccurl_on_header(easy, takeHeader, context))
        unsafe check(ccurl_on_body(easy, takeBody, context))
        unsafe check(ccurl_on_upload(easy, giveUpload, seekUpload, context))
        unsafe check(ccurl_on_dial(easy, dial, context))
        unsafe check(ccurl_on_ready(easy, beginRequest, context))
    }

    fileprivate func take(header line: [UInt8]) -> Bool {
        noteReceived(line.count)
        do throws(TransferError) {
            guard let parts = try reader.read(line) else { return true }
            if parts.status == 407, proxy != nil { throw .proxy("the proxy asks for credentials (407)") }
            let head = TransferHead(
                status: parts.status,
                reason: parts.reason,
                headers: parts.headers,
                version: parts.version,
                url: request.url,
                remoteAddress: remoteAddress
            )
            self.head = head
            channel.deliver(head)
            let limit = request.limits.bodyBytes
            if hasBody, let length = head.contentLength, length > limit { throw .tooLarge(limit: limit) }
            return true
        } catch {
            failure = error
            return false
        }
    }

    fileprivate func take(body bytes: UnsafeRawBufferPointer) -> Int {
        let (sum, overflows) = received.addingReportingOverflow(Int64(bytes.count))
        guard !overflows, sum <= request.limits.bodyBytes else {
            failure = .tooLarge(limit: request.limits.bodyBytes)
            return 0
        }
        guard unsafe channel.offer(bytes) else {
            isHeldBack = true
            return ccurl_pause_body()
        }
        received = sum
        noteReceived(bytes.count)
        return bytes.count
    }

    fileprivate func give(_ space: UnsafeMutableRawBufferPointer) -> Int {
        lastActivity = ccurl_milliseconds()
        guard let upload else { return 0 }
        guard let count = unsafe upload.read(into: space) else {
            failure = .invalidRequest("the file of the body is shorter than was told")
            return ccurl_abort_upload()
        }
        if upload.isExhausted { noteSent() }
        return count
    }

    fileprivate func allows(_ address: String, _ port: Int) -> Bool {
        guard let addressCheck, !addressCheck(address, port) else { return true }
        refusedAddress = address
        return false
    }

    /// Whether an answer to this request with this head carries a body at all (RFC 9112 section 6.3).
    var hasBody: Bool {
        guard let head else { return false }
        return request.method != "HEAD" && head.status != 204 && head.status != 304
    }

    private var remoteAddress: String {
        var address: UnsafeMutablePointer<CChar>?
        var port = 0
        _ = unsafe ccurl_get_string(easy, CURLINFO_PRIMARY_IP, &address)
        _ = unsafe ccurl_get_long(easy, CURLINFO_PRIMARY_PORT, &port)
        guard let found = unsafe address else { return "" }
        let text = unsafe String(cString: found)
        return text.contains(":") ? "[\(text)]:\(port)" : "\(text):\(port)"
    }
}

private func flight(_ context: UnsafeMutableRawPointer?) -> Flight? {
    guard let context = unsafe context else { return nil }
    return unsafe Unmanaged<Flight>.fromOpaque(context).takeUnretainedValue()
}

private func takeHeader(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let length = size * count
    let line = unsafe Array(UnsafeRawBufferPointer(start: bytes, count: length))
    return unsafe flight(context)?.take(header: line) == true ? length : 0
}

private func takeBody(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard size * count > 0 else { return 0 }
    return unsafe flight(context)?.take(body: UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
}

private func giveUpload(
    _ space: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    unsafe flight(context)?.give(UnsafeMutableRawBufferPointer(start: space, count: size * count))
        ?? ccurl_abort_upload()
}

private func seekUpload(_ context: UnsafeMutableRawPointer?, _ place: curl_off_t, _ origin: Int32) -> Int32 {
    guard origin == SEEK_SET, let upload = unsafe flight(context)?.upload else { return CURL_SEEKFUNC_FAIL }
    return upload.seek(to: Int64(place)) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
}

private func dial(
    _ context: UnsafeMutableRawPointer?,
    _ purpose: curlsocktype,
    _ target: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let target = unsafe target, let flight = unsafe flight(context) else { return CURL_SOCKET_BAD }
    if flight.addressCheck != nil {
        var text = [CChar](repeating: 0, count: 64)
        let port = unsafe text.withUnsafeMutableBufferPointer {
            unsafe ccurl_numeric_address(target, $0.baseAddress, $0.count)
        }
        let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard port >= 0, flight.allows(address, Int(port)) else { return CURL_SOCKET_BAD }
    }
    return unsafe ccurl_open_socket(target)
}

private func beginRequest(
    _ context: UnsafeMutableRawPointer?,
    _ remote: UnsafeMutablePointer<CChar>?,
    _ local: UnsafeMutablePointer<CChar>?,
    _ remotePort: Int32,
    _ localPort: Int32
) -> Int32 {
    unsafe flight(context)?.noteConnected()
    return CURL_PREREQFUNC_OK
}
