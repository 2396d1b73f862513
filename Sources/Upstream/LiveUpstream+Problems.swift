internal import Core
internal import Transfer

extension LiveUpstream {
    static func badTarget(_ url: HTTPURL, _ error: Malformed) -> Problem {
        Problem(
            .usageInvalid,
            subject: url.redacted,
            summary: "cannot be asked of the configured upstream: \(error.what)",
            remedy: "Correct --upstream."
        )
    }

    static func loop(_ url: HTTPURL, _ hops: Int) -> Problem {
        Problem(
            .upstreamRefused,
            subject: url.redacted,
            summary: "was redirected \(hops) times without an end",
            remedy: "Ask the upstream's operator; a browser would not get there either.",
            reason: "redirect-loop"
        )
    }

    static func badRedirect(_ url: HTTPURL, _ summary: String) -> Problem {
        Problem(
            .upstreamRefused,
            subject: url.redacted,
            summary: summary,
            remedy: "If that place is meant, declare it with --origin or --upstream.",
            reason: "redirect"
        )
    }

    static func stopped(_ url: HTTPURL) -> Problem {
        Problem(
            .upstreamUnreachable,
            subject: url.redacted,
            summary: "was no longer waited for",
            remedy: "Run the job again.",
            reason: "cancelled"
        )
    }
}

extension TransferError {
    /// True for faults that another try may not meet again.
    var isPassing: Bool {
        switch self {
        case .couldNotResolve, .couldNotConnect, .timedOut, .truncated, .reset, .badResponse, .failed: true
        case .tls(_, let failure): failure == .handshake
        case .tooLarge, .invalidRequest, .addressRefused, .cancelled, .proxy: false
        }
    }

    /// The problem a person sees when every try for an answer met it: nobody above needs to try again.
    func lasting(subject: String) -> Problem {
        let problem = problem(subject: subject)
        guard problem.reason == "truncated" else { return problem }
        return unreachable(subject, problem.summary, reason: "no-answer")
    }

    /// The problem a person sees.
    func problem(subject: String) -> Problem {
        switch self {
        case .truncated(let received, let expected):
            Problem(
                .upstreamUnreachable,
                subject: subject,
                summary: "broke off after \(received)\(expected.map { " of \($0)" } ?? "") bytes",
                remedy: "Run the job again; nothing incomplete was given to the build.",
                reason: "truncated"
            )
        case .tooLarge(let limit):
            Problem(
                .tooLarge,
                subject: subject,
                summary: "sent more than \(limit < 1 << 20 ? "\(limit >> 10) KiB" : "\(limit >> 20) MiB")",
                remedy: "Ask the upstream's operator why; nothing of it was kept."
            )
        case .addressRefused(let address):
            Problem(
                .upstreamRefused,
                subject: subject,
                summary: "leads to \(address), an address inside, which is not dialled for a client",
                remedy: "If that server is meant, declare it with --origin TYPE=URL or --upstream TYPE=URL.",
                reason: "address"
            )
        case .tls(let text, let failure): untrusted(subject, text, failure)
        case .timedOut(let phase):
            unreachable(subject, "gave no answer in time (\(phase.rawValue))", reason: "timeout")
        case .couldNotResolve(let host): unreachable(subject, "has a host that is not known: \(host)", reason: "dns")
        case .couldNotConnect(let text): unreachable(subject, "cannot be reached: \(text)", reason: "connect")
        case .reset(let text): unreachable(subject, "closed the connection: \(text)", reason: "truncated")
        case .badResponse(let text):
            unreachable(subject, "gave an answer that is not HTTP: \(text)", reason: "truncated")
        case .proxy(let text): unreachable(subject, "cannot be reached through the proxy: \(text)", reason: "proxy")
        case .invalidRequest(let text): unreachable(subject, "cannot be asked: \(text)", reason: "request")
        case .cancelled: unreachable(subject, "was no longer waited for", reason: "cancelled")
        case .failed(let code, let text): unreachable(subject, "failed: \(text) (\(code))", reason: "truncated")
        }
    }

    private func untrusted(_ subject: String, _ text: String, _ failure: TLSFailure) -> Problem {
        Problem(
            .integrityMismatch,
            subject: subject,
            summary: "showed a certificate that is not trusted (\(failure.rawValue)): \(text)",
            remedy:
                "Check this machine's clock and certificates (SSL_CERT_FILE); a proxy that opens TLS needs its CA there.",
            reason: "tls-\(failure.rawValue)"
        )
    }

    private func unreachable(_ subject: String, _ summary: String, reason: String) -> Problem {
        Problem(
            .upstreamUnreachable,
            subject: subject,
            summary: summary,
            remedy: "Check the network and the proxy settings, then run the job again.",
            reason: reason
        )
    }
}
