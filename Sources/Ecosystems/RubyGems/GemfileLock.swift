public import Core

/// Gemfile.lock: sections in capitals, in `specs:` a line for each gem, and since Bundler 2.6 their checksums.
struct GemfileLock {
    private struct Spec {
        let name: String
        let version: String
        let platform: String?
        let remote: String?

        var purl: Purl { GemFile.purl(name, version, platform) }
    }

    private var specs: [Spec] = []
    private var checksums: [Purl: [Digest]] = [:]
    private var section = ""
    private var remotes: [String] = []
    private var isInSpecs = false

    static func pins(in document: [UInt8]) throws(Malformed) -> [Pin] {
        guard let text = String(validating: document, as: UTF8.self) else {
            throw Malformed("the lockfile is not UTF-8")
        }
        var lock = GemfileLock()
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("<<<<<<<") || line.hasPrefix(">>>>>>>") {
                throw Malformed("the lockfile has conflict markers of a merge")
            }
            lock.read(line)
        }
        return lock.specs.compactMap(lock.pin)
    }

    private mutating func read(_ line: Substring) {
        let depth = line.prefix { $0 == " " }.count
        let text = line.dropFirst(depth)
        switch (section, depth) {
        case (_, 0):
            section = String(text)
            (remotes, isInSpecs) = ([], false)
        case ("GEM", 2):
            isInSpecs = text == "specs:"
            if text.hasPrefix("remote: ") { remotes.append(String(text.dropFirst("remote: ".count))) }
        // Six deep stand the requirements of a gem, which pin nothing.
        case ("GEM", 4) where isInSpecs:
            guard let spec = GemfileLock.entry(text) else { return }
            // Several remotes in one section leave open which of them has the gem.
            let remote = remotes.count == 1 ? remotes[0] : nil
            specs.append(Spec(name: spec.name, version: spec.version, platform: spec.platform, remote: remote))
        case ("CHECKSUMS", 2):
            guard let spec = GemfileLock.entry(text), let mark = text.firstIndex(of: ")") else { return }
            let purl = GemFile.purl(spec.name, spec.version, spec.platform)
            for part in text[text.index(after: mark)...].split(whereSeparator: { $0 == " " || $0 == "," }) {
                let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
                guard pair.count == 2, let algorithm = Digest.Algorithm(rawValue: pair[0]),
                    let digest = Digest(algorithm, hex: pair[1])
                else { continue }
                checksums[purl, default: []].append(digest)
            }
        default: break
        }
    }

    /// `NAME (VERSION[-PLATFORM])`
    private static func entry(_ text: Substring) -> (name: String, version: String, platform: String?)? {
        guard let open = text.firstRange(of: " ("), let close = text[open.upperBound...].firstIndex(of: ")"),
            let (version, platform) = GemFile.split(text[open.upperBound..<close])
        else { return nil }
        let name = String(text[..<open.lowerBound])
        return GemFile.isName(name) ? (name, version, platform) : nil
    }

    private func pin(_ spec: Spec) -> Pin? {
        let purl = spec.purl
        let file = GemFile.name(of: purl)
        let remote = spec.remote.map { $0.hasSuffix("/") ? $0 : $0 + "/" }
        let url = remote.flatMap { try? HTTPURL($0 + "gems/" + file) }
        return Pin(release: purl, file: file, url: url, digests: checksums[purl] ?? [])
    }
}

extension RubyGems {
    /// Gems of the sections GIT and PATH came from no registry: git's traffic is recorded by its own commits.
    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        try GemfileLock.pins(in: document)
    }
}
