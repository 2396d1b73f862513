internal import CCurl

extension Flight {
    /// How the transfer ended, seen from what curl says and what our callbacks noted.
    func end(for status: CURLcode) -> TransferChannel.End {
        if let failure { return .failed(failure) }
        guard status != CURLE_OK else { return endOfWhole() }
        if let error = connectionError(status) ?? trustError(status) { return .failed(error) }
        switch status {
        case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_HTTP2,
            CURLE_HTTP2_STREAM:
            if head != nil { return .failed(truncation) }
            return .failed(.reset(words(for: status)))
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_HTTP_RETURNED_ERROR,
            CURLE_BAD_CONTENT_ENCODING:
            return .failed(.badResponse(words(for: status)))
        case CURLE_OPERATION_TIMEDOUT:
            return .failed(.timedOut(.connect))
        case CURLE_URL_MALFORMAT:
            return .failed(.invalidRequest(words(for: status)))
        default:
            return .failed(.failed(code: Int(status.rawValue), words(for: status)))
        }
    }

    private var truncation: TransferError {
        .truncated(received: received, expected: head?.contentLength)
    }

    /// curl is content; the end is still held against the head.
    private func endOfWhole() -> TransferChannel.End {
        guard let head else { return .failed(.badResponse("the answer has no head")) }
        if hasBody, let length = head.contentLength, length != received { return .failed(truncation) }
        return .finished
    }

    private func connectionError(_ status: CURLcode) -> TransferError? {
        var answer = 0
        _ = unsafe ccurl_get_long(easy, CURLINFO_HTTP_CONNECTCODE, &answer)
        if proxy != nil, head == nil, answer >= 300 { return .proxy("the proxy refused the tunnel (\(answer))") }
        switch status {
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY:
            return .proxy(words(for: status))
        case CURLE_COULDNT_RESOLVE_HOST:
            return .couldNotResolve(host: url.host)
        case CURLE_COULDNT_CONNECT:
            if let refusedAddress { return .addressRefused(refusedAddress) }
            return proxy == nil ? .couldNotConnect(words(for: status)) : .proxy(words(for: status))
        default:
            return nil
        }
    }

    private func trustError(_ status: CURLcode) -> TransferError? {
        switch status {
        case CURLE_PEER_FAILED_VERIFICATION:
            var found = 0
            let source =
                proxy?.hasPrefix("https:") == true ? CURLINFO_PROXY_SSL_VERIFYRESULT : CURLINFO_SSL_VERIFYRESULT
            _ = unsafe ccurl_get_long(easy, source, &found)
            // OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED. Names are compared by curl before
            // it asks OpenSSL: the result is then still 0 or curl's first value, 1.
            let kind: TLSFailure = found <= 1 ? .wrongHost : found == 9 || found == 10 ? .expired : .untrusted
            return .tls(words(for: status), kind)
        case CURLE_SSL_CACERT_BADFILE:
            return .tls(words(for: status), .trustStore)
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_CLIENTCERT:
            return .tls(words(for: status), .handshake)
        default:
            return nil
        }
    }
}
