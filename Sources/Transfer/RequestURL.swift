internal import CCurl

/// The parts of a URL as libcurl itself reads them, so that what is judged is what is dialled.
struct RequestURL {
    let scheme: String
    let host: String
    let port: Int

    init(_ text: String) throws(TransferError) {
        guard let parser = unsafe curl_url() else { fatalError("out of memory") }
        defer { unsafe curl_url_cleanup(parser) }
        guard unsafe curl_url_set(parser, CURLUPART_URL, text, 0) == CURLUE_OK else {
            throw .invalidRequest("the URL cannot be read")
        }
        func part(_ kind: CURLUPart, _ flags: Int32 = 0) -> String? {
            var value: UnsafeMutablePointer<CChar>?
            guard unsafe curl_url_get(parser, kind, &value, UInt32(flags)) == CURLUE_OK else { return nil }
            guard let found = unsafe value else { return nil }
            defer { unsafe curl_free(found) }
            return unsafe String(cString: found)
        }
        guard let scheme = part(CURLUPART_SCHEME)?.lowercased(), scheme == "http" || scheme == "https" else {
            throw .invalidRequest("only http and https URLs are fetched")
        }
        guard let host = part(CURLUPART_HOST), !host.isEmpty,
            let port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap({ Int($0) })
        else { throw .invalidRequest("the URL names no host") }
        self.scheme = scheme
        self.host = host
        self.port = port
    }
}
