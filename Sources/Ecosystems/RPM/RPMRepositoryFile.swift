internal import Core

/// repomd.xml and metalinks: small documents that say what others hash to.
enum RPMRepositoryFile {
    /// The indexes that repomd.xml lists, by address, with the digests of their bytes as they are sent.
    static func vouches(in bytes: [UInt8], below root: HTTPURL) throws(Malformed) -> [HTTPURL: [Digest]] {
        var vouches: [HTTPURL: [Digest]] = [:]
        var digests: [Digest] = []
        var url: HTTPURL?
        var algorithm: Digest.Algorithm?
        var isRepository = false
        try walk(bytes) { (step, path) throws(Malformed) in
            switch step {
            case .open(let attribute):
                if path.count == 1 { isRepository = path[0] == "repomd" }
                guard isRepository, path.count >= 2, path[1] == "data" else { return }
                if path.count == 2 { (digests, url) = ([], nil) }
                if path.last == "checksum" { algorithm = try attribute("type").flatMap(RPMRepositoryFile.algorithm) }
                if path.last == "location", let href = try attribute("href") { url = try? root.resolving(href) }
            case .close(let text):
                guard isRepository, path.count >= 2, path[1] == "data" else { return }
                // `open-checksum` is of the decoded bytes, which nobody sends.
                if path.last == "checksum", let digest = algorithm.flatMap({ Digest($0, hex: text) }) {
                    digests.append(digest)
                }
                if path.count == 2, let url, !digests.isEmpty { vouches[url] = digests }
            }
        }
        guard isRepository else { throw Malformed("the document is no repomd.xml") }
        return vouches
    }

    /// A metalink lists the mirrors of one repomd.xml and what it may hash to, older ones included.
    static func mirrors(in bytes: [UInt8]) throws(Malformed) -> [HTTPURL: [Digest]] {
        var digests: [Digest] = []
        var urls: [HTTPURL] = []
        var algorithm: Digest.Algorithm?
        try walk(bytes) { (step, path) throws(Malformed) in
            switch (step, path.last) {
            case (.open(let attribute), "hash"):
                algorithm = try attribute("type").flatMap(RPMRepositoryFile.algorithm)
            case (.close(let text), "hash"):
                if let digest = algorithm.flatMap({ Digest($0, hex: text) }) { digests.append(digest) }
            case (.close(let text), "url"): if let url = try? HTTPURL(text) { urls.append(url) }
            default: break
            }
        }
        guard !digests.isEmpty else { return [:] }
        return Dictionary(urls.map { ($0, digests) }, uniquingKeysWith: { first, _ in first })
    }

    private static func algorithm(_ name: String) -> Digest.Algorithm? {
        Digest.Algorithm(rawValue: name == "sha" ? "sha1" : name)
    }

    private enum Step {
        case open(attribute: (String) throws(Malformed) -> String?)
        case close(text: String)
    }

    /// Hands over every element as it opens and, with its text, as it closes.
    private static func walk(_ bytes: [UInt8], _ take: (Step, [String]) throws(Malformed) -> Void) throws(Malformed) {
        var scanner = XMLScanner()
        scanner.append(bytes[...])
        var path: [String] = []
        var text = ""
        while let event = try scanner.next() {
            switch event {
            case .open(let name, let tag, let isEmpty):
                guard path.count < 32 else { throw Malformed("the document is nested too deep") }
                path.append(scanner.name(name))
                text = ""
                let seen = scanner
                try take(.open(attribute: { (key) throws(Malformed) in try seen.attribute(key, in: tag) }), path)
                guard isEmpty else { continue }
                try take(.close(text: ""), path)
                path.removeLast()
            case .text(let range): text += try scanner.text(range)
            case .close(let name):
                guard let open = path.last, scanner.isNamed(name, open) else {
                    throw Malformed("the document closes what it did not open")
                }
                try take(.close(text: text), path)
                path.removeLast()
                text = ""
            }
        }
        guard path.isEmpty, scanner.isAtEnd else { throw Malformed("the document ends too soon") }
    }
}
