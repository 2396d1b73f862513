internal import CCurl

/// One transfer as the engine's thread holds it: the curl handle, what its callbacks noted, its clocks.
@safe final class Flight {
    enum Stage: Equatable { case connecting, sending, waiting, receiving }

    let number: UInt64
    let request: TransferRequest
    let url: RequestURL
    let channel: TransferChannel
    let easy: UnsafeMutableRawPointer
    private let message: UnsafeMutableBufferPointer<CChar>
    private var lists: [UnsafeMutablePointer<curl_slist>]

    private(set) var proxy: String?
    var addressCheck: (@Sendable (String, Int) -> Bool)?
    var upload: UploadSource?
    var reader: HeadReader
    var head: TransferHead?
    var received: Int64 = 0
    /// Why a callback of ours stopped the transfer.
    var failure: TransferError?
    var refusedAddress: String?

    var stage = Stage.connecting
    var isHeldBack = false
    var lastActivity: Int64 = ccurl_milliseconds()
    var waitingSince: Int64 = 0
    var paceSince: Int64 = 0
    var paceBytes: Int64 = 0

    init(_ departure: EngineMailbox.Departure) {
        guard let easy = unsafe curl_easy_init() else { fatalError("out of memory") }
        unsafe self.easy = unsafe UnsafeMutableRawPointer(easy)
        unsafe message = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe message.initialize(repeating: 0)
        unsafe lists = []
        number = departure.number
        request = departure.request
        url = departure.url
        channel = departure.channel
        reader = HeadReader(limit: departure.request.limits.headerBytes)
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe message.deallocate()
        while let list = unsafe lists.popLast() { unsafe curl_slist_free_all(list) }
    }

    func prepare(_ configuration: TransferConfiguration, sessions: UnsafeMutableRawPointer) throws(TransferError) {
        unsafe check(ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, message.baseAddress))
        unsafe check(ccurl_set_pointer(easy, CURLOPT_SHARE, sessions))
        listen()
        try setRequest(userAgent: configuration.userAgent)
        try setRoute(configuration)
        try setTrust(configuration)
    }

    private func setRequest(userAgent: String) throws(TransferError) {
        try set(CURLOPT_URL, request.url)
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_HTTP09_ALLOWED, 0)
        // What was judged is what is sent: no dot segments folded away.
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_HTTP_CONTENT_DECODING, 0)
        set(CURLOPT_BUFFERSIZE, 128 << 10)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_CONNECTTIMEOUT_MS, Int(max(1, min(request.limits.connectSeconds, 86_400) * 1000)))
        try setMethod()
        var lines = request.sentHeaders.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        if !request.sends("user-agent") { lines.append("User-Agent: \(userAgent)") }
        // curl would ask leave of HTTP/1.1 servers before larger bodies, and wait a second for those that ignore it.
        lines.append("Expect:")
        try set(CURLOPT_HTTPHEADER, lines)
        set(CURLOPT_HEADEROPT, 1)
    }

    private func setMethod() throws(TransferError) {
        if request.method == "HEAD" {
            set(CURLOPT_NOBODY, 1)
            return
        }
        let body = request.body ?? (["POST", "PUT", "PATCH"].contains(request.method) ? .bytes([]) : nil)
        if let body {
            upload = try UploadSource(body)
            set(CURLOPT_UPLOAD, 1)
            set(CURLOPT_UPLOAD_BUFFERSIZE, 256 << 10)
            unsafe check(ccurl_set_large(easy, CURLOPT_INFILESIZE_LARGE, body.size))
        }
        if request.method != "GET" || body != nil { try set(CURLOPT_CUSTOMREQUEST, request.method) }
        // On a connection that was used before, libcurl sends a request again by itself when the peer resets it.
        if request.method != "GET", request.method != "HEAD" { set(CURLOPT_FRESH_CONNECT, 1) }
    }

    private func setRoute(_ configuration: TransferConfiguration) throws(TransferError) {
        proxy = configuration.proxy.proxy(scheme: url.scheme, host: url.host, port: url.port)
        // An empty text keeps curl from reading the process's own environment.
        guard unsafe ccurl_set_string(easy, CURLOPT_PROXY, proxy ?? "") == CURLE_OK else {
            throw .proxy("the proxy setting cannot be used")
        }
        try set(CURLOPT_NOPROXY, "")
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        addressCheck = proxy == nil ? configuration.addressCheck : nil
        if !configuration.connectTo.isEmpty { try set(CURLOPT_CONNECT_TO, configuration.connectTo) }
        if !configuration.resolve.isEmpty { try set(CURLOPT_RESOLVE, configuration.resolve) }
        if let netrc = configuration.netrcFile {
            set(CURLOPT_NETRC, 1)
            try set(CURLOPT_NETRC_FILE, netrc)
        }
        set(CURLOPT_HTTP_VERSION, Int(configuration.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1))
        // Rather a stream on a connection that is being made than one more connection.
        set(CURLOPT_PIPEWAIT, configuration.http2 && url.scheme == "https" ? 1 : 0)
    }

    private func setTrust(_ configuration: TransferConfiguration) throws(TransferError) {
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        var file = configuration.caFile
        if file == nil, configuration.caDirectory == nil {
            var standard: UnsafeMutablePointer<CChar>?
            _ = unsafe ccurl_get_string(easy, CURLINFO_CAINFO, &standard)
            if let found = unsafe standard { file = unsafe String(cString: found) }
        }
        guard file != nil || configuration.caDirectory != nil else { return }
        if let file {
            try set(CURLOPT_CAINFO, file)
            try set(CURLOPT_PROXY_CAINFO, file)
        }
        // curl keeps the read store between connections only when there is no directory to look into.
        try set(CURLOPT_CAPATH, configuration.caDirectory)
        try set(CURLOPT_PROXY_CAPATH, configuration.caDirectory)
    }

    // MARK: options

    /// Constants of ours: a refusal is our bug, not the peer's.
    func check(_ status: CURLcode) { precondition(status == CURLE_OK, "libcurl refused an option") }

    private func set(_ option: CURLoption, _ value: Int) { unsafe check(ccurl_set_long(easy, option, value)) }

    private func set(_ option: CURLoption, _ value: String?) throws(TransferError) {
        // C would read only what stands before the zero byte.
        if let value, value.utf8.contains(0) { throw .invalidRequest("a setting holds a zero byte") }
        guard unsafe ccurl_set_string(easy, option, value) == CURLE_OK else {
            throw .invalidRequest("libcurl refused a setting")
        }
    }

    private func set(_ option: CURLoption, _ lines: [String]) throws(TransferError) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = unsafe curl_slist_append(list, line) else { fatalError("out of memory") }
            unsafe list = longer
        }
        guard let made = unsafe list else { return }
        unsafe lists.append(made)
        unsafe check(ccurl_set_list(easy, option, made))
    }

    /// What curl says of the failure, in words.
    func words(for status: CURLcode) -> String {
        let own = unsafe message.baseAddress.map { unsafe String(cString: $0) } ?? ""
        return own.isEmpty ? unsafe String(cString: curl_easy_strerror(status)) : own
    }
}
