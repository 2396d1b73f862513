/// An absolute http or https URL, read strictly so that the host that policy judges is the host that is dialled.
///
/// Refused: user information, backslashes, control and non-ASCII bytes, percent codes in the host, ports over 65535,
/// and dot segments in every spelling. The path and query stay as they were sent, percent codes and all.
public struct HTTPURL: Hashable, Sendable {
    public let origin: Origin
    /// Raw; starts with `/`.
    public let path: String
    /// Raw, without the `?`.
    public let query: String?
    /// Raw, without the `#`. PyPI keeps a digest here.
    public let fragment: String?

    private init(origin: Origin, path: String, query: String?, fragment: String?) {
        self.origin = origin
        self.path = path
        self.query = query
        self.fragment = fragment
    }

    public init(_ text: String, maximumBytes: Int = 8_192) throws(Malformed) {
        guard text.utf8.count <= maximumBytes else { throw Malformed("the URL is longer than \(maximumBytes) bytes") }
        try HTTPURL.checkBytes(text)
        guard let mark = HTTPURL.mark(in: text) else { throw Malformed("the URL has no scheme") }
        guard let scheme = Origin.Scheme(text[..<mark.lowerBound]) else {
            throw Malformed("the scheme '\(text[..<mark.lowerBound])' is neither http nor https")
        }
        let rest = text[mark.upperBound...]
        let end = rest.utf8.firstIndex { $0 == 0x2F || $0 == 0x3F || $0 == 0x23 } ?? rest.endIndex
        let origin = try HTTPURL.origin(scheme, String(rest[..<end]))
        try self.init(origin: origin, target: String(rest[end...]))
    }

    /// `target` is a request target in origin form: raw path and query.
    public init(origin: Origin, target: String, maximumBytes: Int = 8_192) throws(Malformed) {
        guard target.utf8.count <= maximumBytes else { throw Malformed("the URL is longer than \(maximumBytes) bytes") }
        try HTTPURL.checkBytes(target)
        var rest = Substring(target)
        var fragment: String?
        var query: String?
        if let at = rest.utf8.firstIndex(of: 0x23) {
            fragment = String(rest[rest.utf8.index(after: at)...])
            rest = rest[..<at]
        }
        if let at = rest.utf8.firstIndex(of: 0x3F) {
            query = String(rest[rest.utf8.index(after: at)...])
            rest = rest[..<at]
        }
        let path = rest.isEmpty ? "/" : String(rest)
        guard path.utf8.first == 0x2F else { throw Malformed("the path does not start with '/'") }
        try HTTPURL.checkPath(path)
        self.init(origin: origin, path: path, query: query, fragment: fragment)
    }

    /// Resolves a reference found in a document at this URL (RFC 3986 §5), dot segments removed before they are judged.
    public func resolving(_ reference: String) throws(Malformed) -> HTTPURL {
        try HTTPURL.checkBytes(reference)
        if let mark = reference.firstRange(of: ":"), reference[..<mark.lowerBound].allSatisfy(\.isSchemeCharacter),
            !mark.isEmpty, !reference[..<mark.lowerBound].isEmpty
        {
            return try HTTPURL(reference)
        }
        if reference.hasPrefix("//") { return try HTTPURL("\(origin.scheme.rawValue):\(reference)") }
        if reference.hasPrefix("/") { return try HTTPURL(origin: origin, target: HTTPURL.flattened(reference)) }
        if reference.hasPrefix("#") || reference.isEmpty {
            return try HTTPURL(origin: origin, target: target + reference)
        }
        if reference.hasPrefix("?") { return try HTTPURL(origin: origin, target: path + reference) }
        let folder = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
        return try HTTPURL(origin: origin, target: HTTPURL.flattened(folder + reference))
    }

    /// The same URL at another origin or under another path.
    public func moved(to origin: Origin, path: String? = nil) throws(Malformed) -> HTTPURL {
        let target = (path ?? self.path) + (query.map { "?" + $0 } ?? "")
        return try HTTPURL(origin: origin, target: target)
    }

    public func with(query: String?) -> HTTPURL {
        HTTPURL(origin: origin, path: path, query: query, fragment: fragment)
    }

    public var withoutFragment: HTTPURL { HTTPURL(origin: origin, path: path, query: query, fragment: nil) }

    /// Raw path and query: what goes into a request line.
    public var target: String { path + (query.map { "?" + $0 } ?? "") }

    /// The last path segment, decoded; empty for a folder.
    public var file: String {
        let last = path[path.index(after: path.lastIndex(of: "/") ?? path.startIndex)...]
        return PercentEncoding.decode(last) ?? String(last)
    }

    /// Decoded path segments without the empty ones. Codecs route on these.
    public var segments: [String] { path.split(separator: "/").map { PercentEncoding.decode($0) ?? String($0) } }
}

extension HTTPURL: CustomStringConvertible {
    /// The URL without its fragment.
    public var description: String { origin.description + target }

    /// The path as it may be recorded: Conda's channels take a token as `/t/TOKEN/…`.
    public var redactedPath: String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 3, parts[1] == "t", !parts[2].isEmpty else { return path }
        return "/t/***/" + parts[3...].joined(separator: "/")
    }

    /// The URL as it may be printed and recorded: values of the query are dropped, since signed links carry secrets there.
    public var redacted: String {
        let path = redactedPath
        guard let query else { return origin.description + path }
        let names = query.split(separator: "&").map { pair in
            pair.contains("=") ? pair.prefix { $0 != "=" } + "=***" : pair.count > 24 ? "***" : pair
        }
        return origin.description + path + "?" + names.joined(separator: "&")
    }
}

extension HTTPURL {
    /// Where the first `://` stands.
    private static func mark(in text: String) -> Range<String.Index>? {
        let bytes = text.utf8
        var start = bytes.startIndex
        while let colon = bytes[start...].firstIndex(of: 0x3A) {
            start = bytes.index(after: colon)
            let rest = bytes[start...].prefix(2)
            if rest.elementsEqual([0x2F, 0x2F]) { return colon..<rest.endIndex }
        }
        return nil
    }

    private static func checkBytes(_ text: String) throws(Malformed) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
            throw Malformed("the URL has a space, a backslash, a control byte or a byte that is not ASCII")
        }
    }

    /// Dot segments are refused in every spelling, so that no server reads another path than we did.
    private static func checkPath(_ path: String) throws(Malformed) {
        guard !isPlain(path) else { return }
        for segment in path.split(separator: "/", omittingEmptySubsequences: false) {
            var text = String(segment)
            // Twice decoded, since `%252e` becomes a dot behind a second server.
            for _ in 0..<3 {
                if text.utf8.contains(0) || text.contains("\\") {
                    throw Malformed("the path has a hidden NUL or backslash")
                }
                let parts = text.split(separator: "/", omittingEmptySubsequences: false)
                if parts.contains("..") || parts.contains(".") { throw Malformed("the path has a dot segment") }
                guard let decoded = PercentEncoding.decode(text) else {
                    throw Malformed("the path has a bad percent code")
                }
                if decoded == text { break }
                guard decoded.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                    throw Malformed("the path has a hidden control byte")
                }
                text = decoded
                guard PercentEncoding.decode(text) != nil else { break }
            }
        }
    }

    /// True for a path without percent codes and dot segments: indexes list tens of thousands of them.
    private static func isPlain(_ path: String) -> Bool {
        var dots = 0
        var length = 0
        for byte in path.utf8 {
            if byte == UInt8(ascii: "/") {
                if length > 0, length <= 2, dots == length { return false }
                (dots, length) = (0, 0)
                continue
            }
            if byte == UInt8(ascii: "%") { return false }
            dots += byte == UInt8(ascii: ".") ? 1 : 0
            length += 1
        }
        return length == 0 || length > 2 || dots != length
    }

    private static func origin(_ scheme: Origin.Scheme, _ authority: String) throws(Malformed) -> Origin {
        let bytes = authority.utf8
        guard !bytes.contains(0x40) else { throw Malformed("the URL has user information before its host") }
        var host = Substring(authority)
        var port: Int?
        if bytes.first == 0x5B {
            guard let close = bytes.firstIndex(of: 0x5D) else { throw Malformed("the host has no closing bracket") }
            host = authority[authority.index(after: authority.startIndex)..<close]
            let rest = authority[authority.index(after: close)...]
            if !rest.isEmpty { port = try HTTPURL.port(rest) }
            guard !host.isEmpty, host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }), host.contains(":") else {
                throw Malformed("'\(host)' is not an IPv6 address")
            }
        } else {
            if let colon = bytes.firstIndex(of: 0x3A) {
                host = authority[..<colon]
                port = try HTTPURL.port(authority[colon...])
            }
            try checkName(host)
        }
        return Origin(scheme, String(host), port: port)
    }

    private static func port(_ text: Substring) throws(Malformed) -> Int? {
        guard text.utf8.first == 0x3A else { throw Malformed("'\(text)' is not a port") }
        let digits = text.dropFirst()
        if digits.isEmpty { return nil }
        guard digits.utf8.count <= 5, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
            (1...65_535).contains(port)
        else { throw Malformed("'\(digits)' is not a port") }
        return port
    }

    private static func checkName(_ host: Substring) throws(Malformed) {
        guard !host.isEmpty, host.utf8.count <= 253 else { throw Malformed("the host is empty or too long") }
        for label in host.utf8.split(separator: 0x2E, omittingEmptySubsequences: false) {
            let isName = !label.isEmpty && label.count <= 63 && label.first != 0x2D && label.last != 0x2D
            let isClean = label.allSatisfy { PercentEncoding.isUnreserved($0) && $0 != 0x7E }
            guard isName, isClean else { throw Malformed("'\(host)' is not a host name") }
        }
        // Numbers that are not a dotted quad (`2130706433`, `0x7f.1`, `127.1`) mean an address to some resolvers.
        guard let last = host.utf8.split(separator: 0x2E).last,
            last.allSatisfy({ (0x30...0x39).contains($0) }) || last.starts(with: [0x30, 0x78])
        else { return }
        let numbers = host.split(separator: ".").map { Int($0) }
        let isQuad = numbers.count == 4 && numbers.allSatisfy { $0.map { (0...255).contains($0) } ?? false }
        let isPlain = host.split(separator: ".").allSatisfy { $0 == "0" || !$0.hasPrefix("0") }
        guard isQuad, isPlain else { throw Malformed("'\(host)' is a disguised address") }
    }

    /// Removes dot segments as RFC 3986 §5.2.4 does; a reference that climbs over the root stays at the root.
    private static func flattened(_ reference: some StringProtocol) -> String {
        let text = String(reference)
        let end = text.firstIndex { $0 == "?" || $0 == "#" } ?? text.endIndex
        var kept: [Substring] = []
        let segments = text[..<end].split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case ".": if isLast { kept.append("") }
            case "..":
                _ = kept.popLast()
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return "/" + kept.joined(separator: "/") + text[end...]
    }
}

extension Character {
    fileprivate var isSchemeCharacter: Bool {
        isASCII && (isLetter || isNumber || self == "+" || self == "-" || self == ".")
    }
}
